import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { queryNoise } from "./query-noise.ts";

test("3,000 broken requests: no crash, no hang, and each ends in an answer or a modelled error", async (t) => {
  const { seed = 1 } = fc.readConfigureGlobal();
  const { counts, slowest } = await queryNoise(3_000, seed);
  t.diagnostic(`${JSON.stringify([...counts])}; slowest ${slowest.ms.toFixed(1)} ms`);
  // Not everything may stop at the first check: all of the way is to be walked.
  for (const code of ["answered", "MalformedQueryString", "ValidationError", "NoSuchEntity"]) {
    assert.ok((counts.get(code) ?? 0) > 30, code);
  }
  assert.ok(slowest.ms < 50, `${slowest.ms} ms for ${slowest.input}`);
});
