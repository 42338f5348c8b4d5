import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { AccessStep } from "../connectors/connectors.ts";
import { createObjectStore, type ObjectStore } from "../objects/objects.ts";
import { guardedStore } from "./role-access.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarry-role-"));
  await writeFile(join(folder, "a.txt"), "The heron stands.");
});
after(() => rm(folder, { recursive: true, force: true }));

const where = { bucket: "kb", key: "a.txt" };
const get = { ...where, maxBytes: 1_000 };

/** A bucket whose objects are encrypted with a key, read by a role that may not make some steps. */
function bucket(may: (step: AccessStep) => boolean, kmsKeyId?: string) {
  const store = createObjectStore({ buckets: { kb: folder } });
  const encryption = { kmsKeyId: kmsKeyId ?? "", isBucketKey: true };
  const locked = <Got extends { readonly kind: string }>(got: Got): Got =>
    got.kind === "failed" || kmsKeyId === undefined ? got : { ...got, encryption };
  const encrypted: ObjectStore = {
    ...store,
    get: async (request) => locked(await store.get(request)),
    getToFile: async (request) => locked(await store.getToFile(request)),
  };
  const asked: AccessStep[] = [];
  const refusal = async (step: AccessStep): Promise<string | undefined> => {
    asked.push(step);
    return may(step) ? undefined : `no ${step.kind}`;
  };
  return { store: guardedStore(encrypted, { refusal }), asked };
}

/** What became of an access: its kind, and of a failure why. */
const told = (got: Awaited<ReturnType<ObjectStore["get" | "getToFile" | "head"]>>): string =>
  got.kind === "failed" ? `${got.failure.kind}: ${got.failure.message}` : got.kind;

test("nothing is listed, looked at or read that the role may not", async () => {
  const file = join(folder, "denied");
  const { store, asked } = bucket(() => false);
  for await (const page of store.list({ bucket: "kb", prefix: "a" })) {
    assert.ok(page.kind === "failed" && page.failure.kind === "denied");
  }
  assert.equal(told(await store.head(where)), "denied: no read");
  assert.equal(told(await store.get(get)), "denied: no read");
  assert.equal(told(await store.getToFile({ ...get, file })), "denied: no read");
  assert.equal(existsSync(file), false);
  assert.deepEqual(asked, [
    { kind: "list", bucket: "kb", prefix: "a" },
    ...[1, 2, 3].map(() => ({ kind: "read", ...where })),
  ]);
});

test("an object that is not encrypted needs no more than reading it", async () => {
  const file = join(folder, "read");
  const { store, asked } = bucket(({ kind }) => kind !== "decrypt");
  assert.equal(told(await store.get(get)), "object");
  assert.equal(told(await store.getToFile({ ...get, file })), "file");
  assert.equal(existsSync(file), true);
  assert.deepEqual(new Set(asked.map(({ kind }) => kind)), new Set(["read"]));
});

test("what a key locks that the role may not use is not given out, and leaves no file behind", async () => {
  const file = join(folder, "locked");
  const { store, asked } = bucket(({ kind }) => kind !== "decrypt", "key");
  assert.equal(told(await store.get(get)), "keyDenied: no decrypt");
  assert.equal(told(await store.getToFile({ ...get, file })), "keyDenied: no decrypt");
  assert.equal(existsSync(file), false);
  const step = { kind: "decrypt", ...where, kmsKeyArn: "key", isBucketKey: true };
  assert.deepEqual(
    asked.filter(({ kind }) => kind === "decrypt"),
    [step, step],
  );
  const may = bucket(() => true, "key");
  assert.equal(told(await may.store.get(get)), "object");
  assert.equal(told(await may.store.getToFile({ ...get, file })), "file");
  assert.equal(existsSync(file), true);
});

test("an object that is not there fails as that, whatever the key", async () => {
  const { store, asked } = bucket(() => true, "key");
  const missing = { ...get, key: "none.txt" };
  assert.match(told(await store.get(missing)), /^noSuchKey/);
  assert.match(told(await store.getToFile({ ...missing, file: join(folder, "none") })), /^noSuch/);
  assert.ok(asked.every(({ kind }) => kind === "read"));
});
