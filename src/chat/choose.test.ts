import assert from "node:assert/strict";
import { test } from "node:test";
import { answerLimits, chooseUnits } from "./choose.ts";
import { readQuestion } from "./question.ts";
import { rankPassages, rankUnits } from "./rank.ts";
import { handbook, passageOf, retrieveFrom } from "../../tests/evals/answers-passages.ts";
import type { PlainPassage } from "../../tests/evals/answers-bm25.ts";

function chosenFrom(passages: readonly PlainPassage[], text: string): readonly string[] {
  const { passages: found, statistics } = retrieveFrom(passages, text);
  const ranked = rankPassages(readQuestion(text, statistics), found);
  return chooseUnits(rankUnits(ranked)).map(({ read }) => read.unit.shown);
}

test("at most three units are chosen, the best first", () => {
  const text =
    "Annual leave is 25 days for staff. Interns have annual leave of 12 days each season. " +
    "Sellers abroad take annual leave of 30 days by contract. Annual leave days never expire.";
  const chosen = chosenFrom([...handbook, passageOf("A", text)], "How many days is annual leave?");
  assert.equal(chosen.length, answerLimits.units);
  assert.ok(
    chosen.every((shown) => /\d+ days/.test(shown)),
    chosen.join(" "),
  );
});

test("two documents that say the same thing are shown once", () => {
  const copy = passageOf("Copy", "Hotels may cost up to 140 EUR per night in large cities.");
  const chosen = chosenFrom([...handbook, copy], "How much may hotels cost per night?");
  assert.equal(chosen.filter((shown) => shown.includes("140 EUR")).length, 1);
});

test("a sentence that points back brings the sentence before it", () => {
  const chosen = chosenFrom(handbook, "What did she sell from her garage?");
  assert.match(chosen[0] ?? "", /^She sold kettles/);
  assert.match(chosen[1] ?? "", /Greta Lindqvist/);
});

test("a question of the text brings its answer, a colon what follows it", () => {
  const text = "May I bring my cat to work? Never.\n\nPets need three papers:\n\n- a passport";
  const passages = [...handbook, passageOf("Pets", text)];
  assert.deepEqual(chosenFrom(passages, "May I bring my cat to work?").slice(0, 2), [
    "May I bring my cat to work?",
    "Never.",
  ]);
  assert.deepEqual(chosenFrom(passages, "Which papers do pets need?").slice(0, 2), [
    "Pets need three papers:",
    "a passport",
  ]);
});

test("units far behind the best one are left out", () => {
  const chosen = chosenFrom(handbook, "When must parental leave begin after the birth?");
  assert.ok(!chosen.some((shown) => shown.includes("office")), chosen.join(" "));
});

test("nothing is chosen from nothing", () => {
  assert.deepEqual(chooseUnits([]), []);
});
