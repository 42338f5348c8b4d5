import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteCache } from "./byte-cache.ts";

test("what was used longest ago goes first", () => {
  const cache = new ByteCache<string, number>(10);
  cache.set("a", 1, 4);
  cache.set("b", 2, 4);
  assert.equal(cache.get("a"), 1);
  cache.set("c", 3, 4);
  assert.deepEqual([cache.get("a"), cache.get("b"), cache.get("c")], [1, undefined, 3]);
  assert.equal(cache.bytes, 8);
});

test("a value that is set again counts once, one that is too large is not kept", () => {
  const cache = new ByteCache<string, number>(10);
  cache.set("a", 1, 4);
  cache.set("a", 2, 6);
  assert.equal(cache.bytes, 6);
  cache.set("a", 3, 11);
  assert.deepEqual([cache.get("a"), cache.bytes], [undefined, 0]);
});
