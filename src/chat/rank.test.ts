import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { confidenceIn, passagesUsed, rankPassages, rankUnits, unitScore } from "./rank.ts";
import { readQuestion } from "./question.ts";
import { handbook, passageOf, retrieveFrom } from "../../tests/evals/answers-passages.ts";
import type { RankedPassage } from "./rank.ts";
import type { PlainPassage } from "../../tests/evals/answers-bm25.ts";

function rank(
  text: string,
  passages: readonly PlainPassage[] = handbook,
): readonly RankedPassage[] {
  const retrieved = retrieveFrom(passages, text);
  return rankPassages(readQuestion(text, retrieved.statistics), retrieved.passages);
}

test("a passage with one sentence that says it all beats one that repeats a single word", () => {
  const loud = passageOf("Loud", "Leave! Leave! Leave, leave, leave and parental matters. Leave!");
  const [first] = rank("How long is parental leave at full pay?", [loud, ...handbook]);
  assert.equal(first?.read.passage.source.title, "Leave policy");
  assert.equal(first?.read.passage.ordinal, 1);
});

test("units come best first, from the best passages only", () => {
  const many = Array.from({ length: 12 }, (_, i) => passageOf(`Leave ${i}`, `Leave number ${i}.`));
  const candidates = rankUnits(rank("leave number", many));
  assert.equal(new Set(candidates.map(({ passage }) => passage)).size, passagesUsed);
  const scores = candidates.map(({ score }) => score);
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => b - a),
  );
});

test("prose is preferred to code that holds the same words", () => {
  const text = "```\nretention 30 days\n```\n\nThe retention is 30 days.";
  const [best] = rankUnits(rank("What is the retention?", [passageOf("Logs", text)]));
  assert.equal(best?.read.unit.kind, "sentence");
});

test("a unit scores the same within its passage wherever the passage stands", () => {
  const candidates = rankUnits(rank("parental leave at full pay"));
  for (const { score, features, read } of candidates) {
    const behind = score - unitScore(read);
    assert.ok(features.passage <= 0 && Math.sign(behind) === Math.sign(features.passage));
  }
});

test("ranking keeps all passages, and no text makes a score or confidence that is no number", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 80 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), text, (texts, asked) => {
      const passages = texts.map((each, i) => passageOf(`T${i}`, `leave ${each}`));
      const { passages: found, statistics } = retrieveFrom(passages, `leave ${asked}`);
      const question = readQuestion(`leave ${asked}`, statistics);
      const ranked = rankPassages(question, found);
      assert.deepEqual(new Set(ranked.map(({ read }) => read.passage)), new Set(found));
      for (const candidate of rankUnits(ranked)) {
        assert.ok(Number.isFinite(candidate.score));
        const confidence = confidenceIn(question, candidate);
        assert.ok(confidence > 0 && confidence < 1);
      }
    }),
  );
});
