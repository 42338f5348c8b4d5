import assert from "node:assert/strict";
import { test } from "node:test";
import { bigramsOf, readQuestion } from "./question.ts";
import type { TermStatistics } from "./passages.ts";

const counts: Readonly<Record<string, number>> = { leav: 10, compani: 900, dai: 300, the: 1000 };
const statistics: TermStatistics = { chunks: 1000, chunksWith: (term) => counts[term] ?? 0 };

function termsOf(text: string, borrowed = ""): readonly string[] {
  return readQuestion(text, statistics, borrowed).terms.map(({ term }) => term);
}

test("each content term counts once, in order; stop words and measure words do not", () => {
  assert.deepEqual(termsOf("How many days of leave does the company give, and leave when?"), [
    "dai",
    "leav",
    "compani",
    "give",
  ]);
});

test("a question of nothing but stop words has no terms and no weight", () => {
  const { terms, weight } = readQuestion("Who are they?", statistics);
  assert.deepEqual([terms, weight], [[], 0]);
});

test("the rarer a term the heavier it is, an unknown one weighs 1", () => {
  const { terms } = readQuestion("leave company days zebra", statistics);
  const weightOf = (term: string): number => terms.find((t) => t.term === term)?.weight ?? -1;
  assert.equal(weightOf("zebra"), 1);
  assert.ok(weightOf("leav") > weightOf("dai") && weightOf("dai") > weightOf("compani"));
  assert.ok(weightOf("compani") > 0);
});

test("borrowed terms count half, unless the question has them itself", () => {
  const plain = readQuestion("leave zebra", statistics);
  const { terms, bigrams } = readQuestion("zebra", statistics, "leave zebra");
  assert.deepEqual(terms, [
    { term: "zebra", weight: 1 },
    { term: "leav", weight: (plain.terms[0]?.weight ?? 0) / 2 },
  ]);
  assert.equal(bigrams.size, 0);
});

test("statistics that contradict themselves do not break the weights", () => {
  const broken: TermStatistics = { chunks: 0, chunksWith: () => 7 };
  for (const { weight } of readQuestion("leave days", broken).terms) assert.ok(weight >= 0);
});

const types: readonly (readonly [string, string])[] = [
  ["How many days?", "number"],
  ["how often is it run", "number"],
  ["Which percentage is paid?", "number"],
  ["When does it end?", "time"],
  ["In what year was it founded?", "time"],
  ["Who founded it?", "person"],
  ["Where is the office?", "place"],
  ["In which country is it?", "place"],
  ["How do I book?", "other"],
  ["vacation policy", "other"],
];

for (const [question, type] of types) {
  test(`"${question}" asks for: ${type}`, () => {
    assert.equal(readQuestion(question, statistics).answerType, type);
  });
}

test("neighbours make pairs", () => {
  assert.deepEqual(bigramsOf(["a", "b", "c"]), ["a b", "b c"]);
  assert.deepEqual(bigramsOf([]), []);
  assert.deepEqual([...readQuestion("leave of the company", statistics).bigrams], ["leav compani"]);
});
