import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { decryptUnder, encryptUnder, type Material, readHeader } from "./ciphertext.ts";
import { createDataKeyCache } from "./data-key-cache.ts";
import { contextBytes } from "../core/encryption-context.ts";

const keyId = "1234abcd-12ab-34cd-56ef-1234567890ab";
const material: Material = { version: 3, bytes: randomBytes(32) };
const context = fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), {
  maxKeys: 4,
});
const bytes = fc.uint8Array({ maxLength: 200 });
const runs = { numRuns: 200 };

test("what a key encrypted it decrypts, with the same context in any order", () => {
  const law = fc.property(context, bytes, (pairs, text) => {
    const made = encryptUnder({ keyId, material }, pairs, text);
    assert.deepEqual(readHeader(made), { keyId, materialVersion: 3 });
    const reversed = Object.fromEntries(Object.entries(pairs).toReversed());
    assert.deepEqual(decryptUnder(material, reversed, made), Buffer.from(text));
  });
  fc.assert(law, runs);
});

test("no bit of a ciphertext can be flipped, and no byte is too many", () => {
  const pairs = { tenant: "a" };
  const text = Buffer.from("the merger closes in May");
  const made = encryptUnder({ keyId, material }, pairs, text);
  let flips = 0;
  for (let bit = 0; bit < made.length * 8; bit += 1) {
    assert.equal(decryptUnder(material, pairs, flipped(made, bit)), undefined, `bit ${bit}`);
    flips += 1;
  }
  assert.ok(flips > 700, `only ${flips} bits flipped`);
  for (let end = 0; end < made.length; end += 1) {
    assert.equal(decryptUnder(material, pairs, made.subarray(0, end)), undefined);
  }
  const longer = Buffer.concat([made, Buffer.of(0)]);
  assert.equal(decryptUnder(material, pairs, longer), undefined);
});

test("another context, another key and another material version do not open it", () => {
  const law = fc.property(context, context, bytes, (pairs, others, text) => {
    fc.pre(!contextBytes(pairs).equals(contextBytes(others)));
    const made = encryptUnder({ keyId, material }, pairs, text);
    assert.equal(decryptUnder(material, others, made), undefined);
    const other = { version: 3, bytes: randomBytes(32) };
    assert.equal(decryptUnder(other, pairs, made), undefined);
    assert.equal(decryptUnder({ ...material, version: 4 }, pairs, made), undefined);
  });
  fc.assert(law, runs);
});

test("contexts share their bytes only when they have the same pairs", () => {
  const law = fc.property(context, context, (a, b) => {
    const isSame =
      Object.keys(a).length === Object.keys(b).length &&
      Object.entries(a).every(([name, value]) => Object.hasOwn(b, name) && b[name] === value);
    assert.equal(contextBytes(a).equals(contextBytes(b)), isSame);
  });
  fc.assert(law, { numRuns: 1000 });
  assert.notDeepEqual(contextBytes({ ab: "c" }), contextBytes({ a: "bc" }));
  assert.notDeepEqual(contextBytes({ a: "b" }), contextBytes({ A: "b" }));
});

test("bytes of any kind are no ciphertext, and nothing throws", () => {
  const law = fc.property(fc.uint8Array({ maxLength: 400 }), (any) => {
    assert.equal(decryptUnder(material, {}, any), undefined);
    const late = new Uint8Array([9, ...any]).subarray(1);
    assert.deepEqual(readHeader(late), readHeader(any));
  });
  fc.assert(law, { numRuns: 1000 });
});

test("an id that is none is refused", () => {
  assert.throws(() => encryptUnder({ keyId: "alias/a", material }, {}, Buffer.of(1)), /no key id/);
});

test("a data key is kept for five minutes, for one state of its key, among the last thousand", () => {
  let at = 0;
  const cache = createDataKeyCache({ now: () => new Date(at), entriesMax: 3, ageMsMax: 300_000 });
  const key = randomBytes(32);
  for (const name of ["a", "b", "c"]) cache.keep(name, "1", key);
  assert.equal(cache.find("a", "1"), key);
  cache.keep("d", "1", key);
  assert.deepEqual([cache.find("b", "1"), cache.size()], [undefined, 3], "the least used goes");
  assert.equal(cache.find("c", "2"), undefined, "the key has changed");
  assert.equal(cache.find("c", "1"), undefined, "what is stale is gone");
  at = 299_999;
  assert.equal(cache.find("a", "1"), key);
  at = 300_000;
  assert.equal(cache.find("a", "1"), undefined, "being used does not make it younger");
});

function flipped(whole: Buffer, bit: number): Buffer {
  const copy = Buffer.from(whole);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
