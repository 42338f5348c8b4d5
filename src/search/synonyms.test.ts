import assert from "node:assert/strict";
import { test } from "node:test";
import { termsOf } from "./analyzer.ts";
import { synonymShare, synonymsOf } from "./synonyms.ts";

const meaning = (word: string): readonly string[] =>
  termsOf(word).flatMap((term) => synonymsOf(term));

test("people ask what a thing costs, and price lists have prices", () => {
  assert.ok(meaning("cost").includes("price"));
  assert.ok(meaning("price").includes("cost"));
});

test("inflections mean what their stems mean", () => {
  assert.deepEqual(meaning("vacations"), meaning("vacation"));
  assert.ok(meaning("repaired").includes("mend"));
  assert.deepEqual(meaning("guarantees"), termsOf("warranty"));
});

test("most words have no synonym, and no word is its own", () => {
  for (const word of ["gullstone", "the", "", "charge", "constructor", "__proto__"]) {
    assert.deepEqual(meaning(word), []);
  }
  for (const word of ["cost", "leave", "policy", "refund", "role"]) {
    assert.ok(meaning(word).length > 0, word);
    assert.ok(!meaning(word).includes(termsOf(word)[0] ?? ""), word);
  }
});

test("a word that means the same goes both ways and counts for less", () => {
  for (const word of ["cost", "leave", "policy", "refund", "role", "limit"]) {
    const [own = ""] = termsOf(word);
    for (const other of synonymsOf(own)) assert.ok(synonymsOf(other).includes(own), other);
  }
  assert.ok(synonymShare > 0 && synonymShare < 1);
});
