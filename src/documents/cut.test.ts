import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { cutLong } from "./cut.ts";
import { countTokens } from "./tokens.ts";

const parts = (text: string, tokensMax: number): readonly string[] =>
  cutLong(text, 0, text.length, tokensMax).map(({ begin, end }) => text.slice(begin, end));

test("long text is cut at white space, as full as the limit allows", () => {
  assert.deepEqual(parts("aa bb cc dd ee", 2), ["aa bb", "cc dd", "ee"]);
  assert.deepEqual(parts("  spaces   at both ends  ", 10), ["spaces   at both ends"]);
  assert.deepEqual(parts(" \n ", 10), []);
});

test("a word without spaces is cut behind a separator where there is one", () => {
  const json = `{"name":"bolt","price":2,"stock":[1,2,3],"note":"none"}`;
  for (const part of parts(json, 20).slice(0, -1)) assert.match(part, /[,:.!?)\]}]$/);
  assert.equal(parts(json, 20).join(""), json);
  assert.deepEqual(
    parts("x".repeat(25), 4).map((part) => part.length),
    [16, 9],
  );
});

test("marks, joiners, skin tones and surrogates stay with their letter", () => {
  for (const character of ["é".normalize("NFD"), "👍🏽", "👩‍👩‍👧", "𝒳", "❤️"]) {
    const text = character.repeat(60);
    const cut = parts(text, 10);
    assert.equal(cut.join(""), text);
    for (const part of cut) {
      assert.equal(part.length % character.length, 0, `${character} was cut`);
    }
  }
});

test("a tower of marks that nobody could read is cut between surrogate pairs at least", () => {
  const tower = `a${"\u0301".repeat(500)}${"\u{1d16e}".repeat(300)}`;
  const cut = parts(tower, 40);
  assert.equal(cut.join(""), tower);
  assert.ok(cut.every((part) => part.isWellFormed()));
});

test("spans are within the limit, in order, and leave out nothing but white space", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 300 });
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 50 }), (sample, tokensMax) => {
      let at = 0;
      for (const span of cutLong(sample, 0, sample.length, tokensMax)) {
        assert.ok(span.tokens <= tokensMax);
        assert.ok(countTokens(sample, span.begin, span.end) <= span.tokens);
        assert.equal(sample.slice(at, span.begin).trim(), "");
        assert.ok(span.end > span.begin);
        at = span.end;
      }
      assert.equal(sample.slice(at).trim(), "");
    }),
  );
});

test("only the given part of the text is cut", () => {
  const spans = cutLong("skip this, keep that, skip", 11, 20, 100);
  assert.deepEqual(spans, [{ begin: 11, end: 20, tokens: 2 }]);
});
