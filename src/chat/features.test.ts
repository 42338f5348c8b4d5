import assert from "node:assert/strict";
import { test } from "node:test";
import { coverage, readPassages } from "./features.ts";
import { bigramsOf, readQuestion } from "./question.ts";
import { unitsOf } from "./units.ts";
import { tokenize } from "./words.ts";
import { handbook, passageOf, retrieveFrom } from "../../tests/evals/answers-passages.ts";
import type { ReadPassage } from "./features.ts";

function read(text: string, passages = handbook): readonly ReadPassage[] {
  const retrieved = retrieveFrom(passages, text);
  return readPassages(readQuestion(text, retrieved.statistics), retrieved.passages);
}

test("order is kept, and the best of a kind is 1", () => {
  const passages = read("parental leave at full pay");
  assert.equal(passages[0]?.passage.ordinal, 1);
  assert.equal(passages[0]?.features.engine, 1);
  assert.equal(Math.max(...passages.map(({ features }) => features.lexical)), 1);
});

test("a term in the title or a heading counts as covered", () => {
  const passage = passageOf("Badges", "Ask at the desk.", { headingPath: ["Visitors"] });
  const [only] = read("visitors badges desk", [passage]);
  assert.equal(only?.features.coverage, 1);
  assert.ok((only?.features.titleCoverage ?? 0) > 0.5);
  assert.equal(only?.units[0]?.features.windowCoverage, 1);
  assert.ok((only?.units[0]?.features.coverage ?? 1) < 0.5);
});

test("a heading inside the passage speaks for what stands below it only", () => {
  const text = "Kettles\n\nThey are red.\n\nWaffle irons\n\nThey are blue.";
  const [only] = read("waffle irons blue", [passageOf("Colours", text)]);
  const windows = only?.units.map(({ features }) => features.windowCoverage);
  assert.deepEqual(windows, [0, 1]);
  assert.equal(only?.features.coverage, 1);
});

test("a word that means the same counts, but less than the question's own", () => {
  const [own, synonym, neither] = read("guarantee length", [
    passageOf("A", "The guarantee has this length."),
    passageOf("B", "The warranty has this length."),
    passageOf("C", "The letter has this length."),
  ]).map(({ features }) => features);
  assert.equal(own?.coverage, 1);
  assert.ok((synonym?.coverage ?? 0) < 1);
  assert.ok((synonym?.coverage ?? 0) > (neither?.coverage ?? 1));
  assert.ok((synonym?.lexical ?? 0) > (neither?.lexical ?? 1));
});

test("a unit is seen with the one before it", () => {
  const [only] = read("kestrel wings", [passageOf("Birds", "A kestrel is small. Its wings are.")]);
  const [first, second] = only?.units ?? [];
  assert.ok((first?.features.windowCoverage ?? 1) < 1);
  assert.equal(second?.features.windowCoverage, 1);
});

test("code, rows, fragments and long units are marked as such", () => {
  const text = `Tiny bit.\n\n\`\`\`\nPUT /x\n\`\`\`\n\n| A |\n|---|\n| b |\n\n${"word ".repeat(150)}.`;
  const [only] = read("tiny words", [passageOf("Kinds", text)]);
  const marks = only?.units.map(({ features: { fragment, code, row, long } }) => [
    fragment,
    code,
    row,
    long,
  ]);
  assert.deepEqual(marks, [
    [1, 0, 0, 0],
    [1, 1, 0, 0],
    [1, 0, 1, 0],
    [0, 0, 0, 0.5],
  ]);
});

test("engine scores below zero and empty passages do no harm", () => {
  const { passages, statistics } = retrieveFrom(handbook, "leave");
  const odd = passages.map((passage) => ({ ...passage, score: -1, text: "" }));
  for (const { features } of readPassages(readQuestion("leave", statistics), odd)) {
    assert.equal(features.engine, 0);
    assert.ok(Object.values(features).every(Number.isFinite));
  }
});

test("the single pass over a unit finds what a plain reading finds", () => {
  const text = "How many days of annual leave do part-time employees receive per year?";
  const retrieved = retrieveFrom(handbook, text);
  const question = readQuestion(text, retrieved.statistics);
  for (const { units, passage } of readPassages(question, retrieved.passages)) {
    for (const [i, { shown }] of unitsOf(passage.text).entries()) {
      const content = tokenize(shown).flatMap((t) => (t.isStopWord ? [] : [t.term]));
      const pairs = new Set(bigramsOf(content).filter((pair) => question.bigrams.has(pair)));
      const features = units[i]?.features;
      assert.equal(features?.coverage, coverage(question, new Set(content)));
      assert.equal(features?.adjacency, pairs.size / question.bigrams.size);
    }
  }
});
