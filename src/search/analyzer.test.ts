import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { stem, termCharactersMax, termsOf, tokenize } from "./analyzer.ts";

test("case, accents and English endings do not matter", () => {
  assert.deepEqual(termsOf("Cafés RUNNING Ångström"), ["cafe", "run", "angstrom"]);
});

test("compatibility forms are folded", () => {
  assert.deepEqual(termsOf("ﬁle Ｆｕｌｌ"), ["file", "full"]);
});

test("an apostrophe joins letters, and a possessive goes", () => {
  assert.deepEqual(termsOf("don't O’Neil company's James'"), ["dont", "oneil", "compani", "jame"]);
});

test("a comma that groups digits is no separator, any other comma is", () => {
  assert.deepEqual(termsOf("5,500,000 and 1,2 and a,b"), [
    "5500000",
    "and",
    "1",
    "2",
    "and",
    "a",
    "b",
  ]);
});

test("names of settings fall into their words", () => {
  assert.deepEqual(termsOf("search.max_open_scroll-context"), [
    "search",
    "max",
    "open",
    "scroll",
    "context",
  ]);
});

test("scripts without spaces give overlapping pairs", () => {
  assert.deepEqual(termsOf("東京都 x 京"), ["東京", "京都", "x", "京"]);
  assert.deepEqual(termsOf("日本語text"), ["日本", "本語", "text"]);
});

test("offsets point into the text as it was given", () => {
  const text = "The Café's 東京 don't 5,500.";
  const words = tokenize(text).map(({ begin, end }) => text.slice(begin, end));
  assert.deepEqual(words, ["The", "Café's", "東京", "don't", "5,500"]);
});

test("stop words are marked and not stemmed", () => {
  const [first, second] = tokenize("does doe");
  assert.deepEqual(first, { term: "does", begin: 0, end: 4, isStopWord: true });
  assert.equal(second?.isStopWord, false);
});

test("an endless word is cut", () => {
  assert.equal(termsOf("x".repeat(1_000_000))[0]?.length, termCharactersMax);
  assert.equal(stem("y".repeat(1_000_000)).length, termCharactersMax);
});

test("a megabyte of signs, emoji or control characters gives no term and takes no time", () => {
  const start = performance.now();
  for (const piece of ["\u0000\u0007", "😀👩‍👩‍👧", "'’,", "\ud800", "----"]) {
    assert.deepEqual(termsOf(piece.repeat(1_000_000 / piece.length)), []);
  }
  assert.ok(performance.now() - start < 3_000);
});

test("terms and tokens agree, and tokens stand in order inside the text", () => {
  const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(texts, (text) => {
      const tokens = tokenize(text);
      assert.deepEqual(
        tokens.map((token) => token.term),
        termsOf(text),
      );
      for (const token of tokens) {
        assert.ok(token.begin >= 0 && token.begin < token.end && token.end <= text.length);
        assert.ok(token.term.length > 0 && token.term.length <= termCharactersMax);
      }
      const begins = tokens.map((token) => token.begin);
      assert.deepEqual(
        begins,
        begins.toSorted((a, b) => a - b),
      );
    }),
  );
});

test("upper and lower case give the same terms", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9 '.,_-]*$/), (text) => {
      assert.deepEqual(termsOf(text.toUpperCase()), termsOf(text));
    }),
  );
});
