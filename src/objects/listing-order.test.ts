import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { compareKeys } from "./key-order.ts";
import { createInOrder, type InOrder, orderCheck } from "./listing-order.ts";
import type { ListedObject, ListPage } from "./object-store.ts";
import { collect, keysOf } from "./test-listing.test.ts";

const runObjectsMax = 3;
const object = (key: string): ListedObject => {
  return { key, sizeBytes: 1, etag: key, lastModified: new Date(5) };
};

/** One object a page; `asked` tells how far the listing was read. */
async function* pagesOf(keys: readonly string[], asked: string[] = []): AsyncGenerator<ListPage> {
  for (const key of keys) {
    asked.push(key);
    yield { kind: "page", objects: [object(key)] };
  }
}

async function withOrder(run: (inOrder: InOrder) => Promise<void>): Promise<void> {
  const tempDir = await mkdtemp(join(tmpdir(), "order-"));
  await run(createInOrder({ runObjectsMax, tempDir }));
  assert.deepEqual(await readdir(tempDir), [], "nothing is left behind");
  await rm(tempDir, { recursive: true });
}

const b = { bucket: "b" };
const inOrderKeys = ["a", "b", "c", "d"];

/** Whether a listing is passed on before its end is known. */
async function isPassedOn(inOrder: InOrder, keys: readonly string[], at = b): Promise<boolean> {
  const asked: string[] = [];
  for await (const _ of inOrder(at, pagesOf(keys, asked))) break;
  return asked.length < keys.length;
}

test("a bucket is sorted until a long listing of it has come in order, and passed on then", async () => {
  await withOrder(async (inOrder) => {
    assert.equal(await isPassedOn(inOrder, ["a", "b", "c"]), false);
    assert.equal(await isPassedOn(inOrder, inOrderKeys), false, "three are no long listing");
    assert.equal(await isPassedOn(inOrder, inOrderKeys), true);
    assert.equal(await isPassedOn(inOrder, inOrderKeys, { bucket: "other" }), false);
    assert.deepEqual(keysOf(await collect(inOrder(b, pagesOf(inOrderKeys)))), inOrderKeys);
  });
});

test("a bucket that was in order and is not ends its listing, and is sorted for good", async () => {
  await withOrder(async (inOrder) => {
    await collect(inOrder(b, pagesOf(inOrderKeys)));
    const broken = await collect(inOrder(b, pagesOf(["a", "c", "b", "d"])));
    assert.deepEqual(keysOf(broken), ["a", "c"]);
    assert.equal(broken.failed?.failure.kind, "disordered");
    const sorted = await collect(inOrder(b, pagesOf(["a", "c", "b", "d"])));
    assert.deepEqual(keysOf(sorted), inOrderKeys);
    await collect(inOrder(b, pagesOf(inOrderKeys)));
    assert.equal(await isPassedOn(inOrder, inOrderKeys), false);
  });
});

test("a key that comes twice is out of order", async () => {
  await withOrder(async (inOrder) => {
    await collect(inOrder(b, pagesOf(inOrderKeys)));
    const twice = await collect(inOrder(b, pagesOf(["a", "b", "b", "c"])));
    assert.deepEqual(keysOf(twice), ["a", "b"]);
    assert.equal(twice.failed?.failure.kind, "disordered");
  });
});

test("a listing that failed shows nothing of the order", async () => {
  await withOrder(async (inOrder) => {
    async function* failing(): AsyncGenerator<ListPage> {
      yield* pagesOf(inOrderKeys);
      yield { kind: "failed", failure: { kind: "unreachable", bucket: "b", message: "gone" } };
    }
    assert.equal((await collect(inOrder(b, failing()))).failed?.failure.kind, "unreachable");
    assert.equal(await isPassedOn(inOrder, inOrderKeys), false);
  });
});

test("whatever order listings come in, none is passed on out of order", async () => {
  const listings = fc.array(
    fc.uniqueArray(fc.string({ unit: "binary", minLength: 1, maxLength: 3 }), { maxLength: 8 }),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(listings, fc.array(fc.boolean()), async (all, sortedAt) => {
      await withOrder(async (inOrder) => {
        for (const [at, keys] of all.entries()) {
          const sorted = keys.toSorted(compareKeys);
          const given = sortedAt[at] === true ? sorted : keys;
          const listing = await collect(inOrder(b, pagesOf(given)));
          assert.equal(orderCheck()(listing.objects), true);
          if (listing.failed === undefined) assert.deepEqual(keysOf(listing), sorted);
          else assert.equal(listing.failed.failure.kind, "disordered");
        }
      });
    }),
    { numRuns: 30 },
  );
});
