import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuestion, questionLimits } from "./question.ts";

test("a question falls into content and stop words, each once and counted, in order", () => {
  assert.deepEqual(parseQuestion("What is the leave policy, and the leave form?"), {
    content: [
      { term: "leav", count: 2 },
      { term: "polici", count: 1 },
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
