import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { loadInstallationKeys, newKeyId, newSecret } from "./installation-keys.ts";
import { seal, unseal } from "./sealing.ts";
import { readSessionToken, type SessionClaims, writeSessionToken } from "./session-token.ts";

const key = randomBytes(32);

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-keys-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("what is sealed opens with the same key for the same purpose, and no other", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), fc.string(), (text, a, b) => {
      const sealed = seal(key, a, text);
      assert.equal(unseal(key, a, sealed), text);
      if (a !== b) assert.equal(unseal(key, b, sealed), undefined);
      assert.equal(unseal(randomBytes(32), a, sealed), undefined);
      assert.notEqual(seal(key, a, text), sealed, "a nonce is never used twice");
    }),
    { numRuns: 50 },
  );
});

test("a seal with any letter changed, added or taken away does not open", () => {
  const sealed = seal(key, "test", "the secret of the heron");
  for (let at = 0; at < sealed.length; at += 1) {
    const other = sealed[at] === "A" ? "B" : "A";
    assert.equal(
      unseal(key, "test", sealed.slice(0, at) + other + sealed.slice(at + 1)),
      undefined,
    );
    assert.equal(unseal(key, "test", sealed.slice(0, at)), undefined);
    assert.equal(unseal(key, "test", `${sealed.slice(0, at)}A${sealed.slice(at)}`), undefined);
  }
});

test("texts that were never sealed do not open, and do not throw", () => {
  for (const text of ["", "v1.", "v2.AAAA", "v1.=", "v1.%%%", "v1." + "A".repeat(5000), "null"]) {
    assert.equal(unseal(key, "test", text), undefined);
    assert.equal(readSessionToken(key, text), undefined);
  }
  fc.assert(fc.property(fc.string(), (text) => unseal(key, "test", text) === undefined));
});

const claims: SessionClaims = {
  accessKeyId: "ASIAEXAMPLEEXAMPLE22",
  secretAccessKey: "secret",
  roleId: "AROAEXAMPLEEXAMPLE22",
  sessionName: "session",
  issuedAt: new Date("2026-01-02T03:04:05.678Z"),
  expiresAt: new Date("2026-01-02T04:04:05.678Z"),
  policy: "{}",
  tags: { team: "birds" },
  transitiveTagKeys: ["team"],
  sourceIdentity: "heron",
};

test("a session token says what was written into it", () => {
  assert.deepEqual(readSessionToken(key, writeSessionToken(key, claims)), claims);
  const { policy: _1, tags: _2, transitiveTagKeys: _3, sourceIdentity: _4, ...plain } = claims;
  assert.deepEqual(readSessionToken(key, writeSessionToken(key, plain)), plain);
});

test("a session token hides its secret, and is of one installation", () => {
  const token = writeSessionToken(key, claims);
  assert.ok(!token.includes("secret"));
  assert.ok(!Buffer.from(token, "base64url").toString("latin1").includes("secret"));
  assert.equal(readSessionToken(randomBytes(32), token), undefined);
  assert.equal(readSessionToken(key, seal(key, "access key", "{}")), undefined);
});

test("keys are made once, kept, and readable by the owner alone", () =>
  inFolder(async (folder) => {
    const first = await loadInstallationKeys(folder);
    assert.equal(first.isNew, true);
    const second = await loadInstallationKeys(folder);
    assert.deepEqual(second, { ...first, isNew: false });
    assert.equal(first.sealingKey.length, 32);
    assert.equal(first.pageTokenKey.length, 32);
    assert.deepEqual(await readdir(folder), ["keys.json"]);
    const { mode } = await stat(join(folder, "keys.json"));
    assert.equal(mode & 0o777, 0o600);
  }));

test("a given root key is used and never stored", () =>
  inFolder(async (folder) => {
    const root = { accessKeyId: "AKIAGIVENGIVENGIVEN2", secretAccessKey: "given" };
    const keys = await loadInstallationKeys(folder, root);
    assert.deepEqual([keys.root, keys.isNew], [root, false]);
    assert.ok(!(await readFile(join(folder, "keys.json"), "utf8")).includes("GIVEN"));
    const own = await loadInstallationKeys(folder);
    assert.notEqual(own.root.accessKeyId, root.accessKeyId);
    assert.deepEqual(own.sealingKey, keys.sealingKey);
  }));

test("a damaged key file is an error, never a reason to make new keys", () =>
  inFolder(async (folder) => {
    for (const text of ["", "{", "null", "[]", "{}", '{"rootAccessKeyId":"x"}']) {
      await writeFile(join(folder, "keys.json"), text);
      await assert.rejects(loadInstallationKeys(folder), /damaged/, text);
    }
    assert.equal(await readFile(join(folder, "keys.json"), "utf8"), '{"rootAccessKeyId":"x"}');
  }));

test("a half-written key file of a crash is overwritten", () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, "keys.json.part"), "{");
    assert.equal((await loadInstallationKeys(folder)).isNew, true);
    assert.deepEqual(await readdir(folder), ["keys.json"]);
  }));

test("ids and secrets have the shape that clients expect", () => {
  const ids = new Set(Array.from({ length: 500 }, () => newKeyId("AKIA")));
  assert.equal(ids.size, 500);
  for (const id of ids) assert.match(id, /^AKIA[A-Z2-7]{16}$/);
  for (let n = 0; n < 100; n += 1) assert.match(newSecret(), /^[A-Za-z0-9+/]{40}$/);
});
