import assert from "node:assert/strict";
import { test } from "node:test";
import { termsOf } from "./analyzer.ts";
import { parseQuestion, questionLimits } from "./question.ts";
import { synonymShare } from "./synonyms.ts";

test("a question falls into content and stop words, each once and counted, in order", () => {
  assert.deepEqual(parseQuestion("What is the harbour berth, and the harbour form?"), {
    content: [
      { term: "harbour", count: 2 },
      { term: "berth", count: 1 },
      { term: "form", count: 1 },
    ],
    stop: [
      { term: "what", count: 1 },
      { term: "is", count: 1 },
      { term: "the", count: 2 },
      { term: "and", count: 1 },
    ],
  });
});

test("synonyms come behind the question's own terms, count for less, and never twice", () => {
  const { content } = parseQuestion("What do guarantees and warranties cost? What do they cost?");
  const own = content.filter(({ standsFor }) => standsFor === undefined);
  assert.deepEqual(
    own.map(({ term, count }) => [term, count]),
    [...termsOf("guarantee warranty").map((term) => [term, 1]), ["cost", 2]],
  );
  assert.deepEqual(content.slice(own.length), [
    { term: "fee", count: 2 * synonymShare, standsFor: "cost" },
    { term: "price", count: 2 * synonymShare, standsFor: "cost" },
  ]);
});

test("what is beyond the limits is not looked at", () => {
  const words = Array.from({ length: 3000 }, (_, i) => `w${i}`).join(" ");
  const { content } = parseQuestion(words);
  assert.equal(content.length, questionLimits.distinctTermsMax);
  const late = `${"x ".repeat(questionLimits.charactersMax / 2)}late`;
  assert.deepEqual(
    parseQuestion(late).content.map(({ term }) => term),
    ["x"],
  );
});

test("nothing in, nothing out", () => {
  for (const text of ["", " \n", "?!…", "\u0000"]) {
    assert.deepEqual(parseQuestion(text), { content: [], stop: [] });
  }
});
