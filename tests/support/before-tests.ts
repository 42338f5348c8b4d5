import * as fc from "fast-check";
import process from "node:process";

// Loaded before the tests.

// A developer's own account decides nothing here, and none of its keys is sent anywhere.
for (const name of Object.keys(process.env)) {
  if (name.startsWith("AWS_")) delete process.env[name];
}

// The properties start from one seed, so that a commit passes or fails for what it changed;
// QUARRY_TEST_SEED=random (or a number) looks for what that seed misses.
const asked = process.env["QUARRY_TEST_SEED"] ?? "1";
const seed = asked === "random" ? Math.trunc(Math.random() * 2 ** 31) : Number.parseInt(asked, 10);
if (!Number.isSafeInteger(seed)) {
  throw new Error(`QUARRY_TEST_SEED is "${asked}"; give a whole number or the word random.`);
}
// The tests that choose for themselves read the same name.
if (asked === "random") process.env["QUARRY_TEST_SEED"] = String(seed);
if (asked !== "1") process.stderr.write(`QUARRY_TEST_SEED=${String(seed)}\n`);
fc.configureGlobal({ seed });
