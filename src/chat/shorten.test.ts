import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { shorten } from "./shorten.ts";

test("a text that fits is left alone", () => {
  assert.equal(shorten("short", 5), "short");
});

test("a longer one ends after a whole word", () => {
  assert.equal(shorten("one two three four", 12), "one two…");
});

test("one word without end is cut anyway", () => {
  assert.equal(shorten("x".repeat(500), 100), `${"x".repeat(99)}…`);
});

test("an emoji is never halved", () => {
  for (let length = 2; length < 12; length += 1) {
    assert.ok(shorten("😀".repeat(20), length).isWellFormed(), String(length));
  }
});

test("the result fits, begins like the text and is whole Unicode", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 2, max: 40 }), (text, max) => {
      const short = shorten(text, max);
      assert.ok(short.length <= max && short.isWellFormed());
      assert.ok(text.startsWith(short.replace(/…$/, "")) || short === text);
    }),
  );
});
