import assert from "node:assert/strict";
import { test } from "node:test";
import { answersType } from "./answer-type.ts";
import type { AnswerType } from "./question.ts";

const cases: readonly (readonly [AnswerType, string, string, number])[] = [
  ["number", "How many days?", "You get 25 days.", 1],
  ["number", "How many days?", "You get twenty days.", 1],
  ["number", "How often?", "It is cleaned weekly.", 1],
  ["number", "How many of the 25 days?", "Of the 25 days most.", 0],
  ["number", "How many?", "Nobody knows.", 0],
  ["time", "When?", "It was founded in 1987.", 1],
  ["time", "When?", "Lunch begins at 11:30 am.", 1],
  ["time", "When?", "Within 6 weeks.", 1],
  ["time", "When in 1987?", "In 1987.", 0],
  ["person", "Who?", "It was founded by Greta Lindqvist.", 1],
  ["person", "Who?", "Someone did it.", 0],
  ["person", "Who was Greta?", "That was Greta.", 0],
  ["place", "Where?", "The shop is in Stockholm.", 1],
  ["place", "Where?", "The shop is large.", 0],
  ["other", "Why 5?", "Because of 7 reasons in May by Li in Rome.", 0],
];

for (const [type, question, text, expected] of cases) {
  test(`${type}: "${text}" after "${question}" gives ${expected}`, () => {
    assert.equal(answersType(text, type, question), expected);
  });
}

test("long runs of digits, capitals and spaces take no time", () => {
  const start = performance.now();
  for (const type of ["number", "time", "person", "place"] as const) {
    for (const piece of ["1", "1.", "A ", "in the ", "a A", "12:3"]) {
      answersType(piece.repeat(5_000), type, "?");
    }
  }
  assert.ok(performance.now() - start < 2_000);
});
