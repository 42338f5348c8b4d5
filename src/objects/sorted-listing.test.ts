import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { compareKeys } from "./key-order.ts";
import type { ListPage } from "./object-store.ts";
import { sortListing } from "./sorted-listing.ts";
import { collect, keysOf } from "./test-listing.test.ts";

async function* pagesOf(keys: readonly string[], end?: ListPage): AsyncGenerator<ListPage> {
  for (const key of keys) {
    const object = {
      key,
      sizeBytes: 1,
      etag: key,
      lastModified: new Date(5),
      storageClass: "GLACIER",
    };
    yield { kind: "page", objects: [object] };
  }
  if (end !== undefined) yield end;
}

test("any listing comes out sorted and without repetition, from memory or from runs", async () => {
  const tempDir = await mkdtemp(join(tmpdir(), "sort-"));
  const keys = fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 5 }), {
    maxLength: 30,
  });
  const law = fc.asyncProperty(
    keys,
    fc.integer({ min: 1, max: 40 }),
    async (keys, runObjectsMax) => {
      const listing = await collect(sortListing(pagesOf(keys), { runObjectsMax, tempDir }));
      assert.deepEqual(keysOf(listing), [...new Set(keys)].sort(compareKeys));
      for (const { etag, key, lastModified } of listing.objects) {
        assert.deepEqual({ etag, time: lastModified.getTime() }, { etag: key, time: 5 });
      }
    },
  );
  await fc.assert(law, { numRuns: 60 });
  assert.deepEqual(await readdir(tempDir), [], "no run is left behind");
  await rm(tempDir, { recursive: true });
});

test("a listing that comes in order is read back run after run, not merged", async () => {
  const tempDir = await mkdtemp(join(tmpdir(), "sort-"));
  const keys = Array.from({ length: 5_000 }, (_, n) => `k${String(n).padStart(5, "0")}`);
  // So many runs that merging them would need as many open files.
  const inOrder = await collect(sortListing(pagesOf(keys), { runObjectsMax: 25, tempDir }));
  assert.deepEqual(keysOf(inOrder), keys);
  const twoHalves = [...keys.slice(2_500), ...keys.slice(0, 2_500)];
  const swapped = await collect(sortListing(pagesOf(twoHalves), { runObjectsMax: 500, tempDir }));
  assert.deepEqual(keysOf(swapped), keys);
  await rm(tempDir, { recursive: true });
});

test("a failed page is all that is left of a listing that fails", async () => {
  const tempDir = await mkdtemp(join(tmpdir(), "sort-"));
  const end: ListPage = {
    kind: "failed",
    failure: { kind: "unreachable", bucket: "b", message: "x" },
  };
  const listing = await collect(
    sortListing(pagesOf(["b", "a"], end), { runObjectsMax: 1, tempDir }),
  );
  assert.deepEqual(keysOf(listing), []);
  assert.equal(listing.failed?.failure.kind, "unreachable");
  assert.deepEqual(await readdir(tempDir), []);
  await rm(tempDir, { recursive: true });
});

test("a reader that stops early leaves no files", async () => {
  const tempDir = await mkdtemp(join(tmpdir(), "sort-"));
  const keys = Array.from({ length: 2_500 }, (_, n) => `k${n}`);
  for await (const page of sortListing(pagesOf(keys), { runObjectsMax: 100, tempDir })) {
    assert.equal(page.kind === "page" && page.objects.length, 1_000);
    break;
  }
  assert.deepEqual(await readdir(tempDir), []);
  await rm(tempDir, { recursive: true });
});
