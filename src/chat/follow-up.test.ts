import assert from "node:assert/strict";
import { test } from "node:test";
import { borrowedWords } from "./follow-up.ts";
import type { Exchange } from "./follow-up.ts";

function asked(...questions: readonly string[]): readonly Exchange[] {
  return questions.map((question) => ({ question, answer: "Unused words of an answer." }));
}

test("the first question borrows nothing", () => {
  assert.equal(borrowedWords("And it?", []), "");
});

test("a question with terms of its own stands alone", () => {
  const history = asked("How many days of leave do I get?");
  assert.equal(borrowedWords("Where is the canteen?", history), "");
  assert.equal(borrowedWords("How do they protect their passwords on laptops?", history), "");
});

test("a short question that refers back borrows the terms of the one before", () => {
  const history = asked("Who founded the company?", "What is the price of the Heron toaster?");
  assert.equal(borrowedWords("And its warranty?", history), "price Heron toaster");
});

test("a question of nothing but stop words borrows", () => {
  assert.equal(borrowedWords("Why?", asked("Is leave paid?")), "leave paid");
});

test("borrowing goes on through follow-ups to the question that stands alone", () => {
  const history = asked("Is coffee free?", "What does the Falcon cost?", "And the Heron?");
  assert.equal(borrowedWords("Why is that?", history), "Heron Falcon cost");
});

test("it goes back three exchanges at most and takes twelve words at most", () => {
  const history = asked("Is coffee free?", "Why?", "Why?", "Why?");
  assert.equal(borrowedWords("Why?", history), "");
  const long = asked("one two three four five six seven eight nine ten alpha beta gamma delta eta");
  assert.ok(borrowedWords("Why?", long).split(" ").length <= 12);
});
