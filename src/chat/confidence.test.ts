import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { confidenceFeatures, confidenceOf } from "./confidence.ts";
import { readQuestion } from "./question.ts";
import { rankPassages, rankUnits } from "./rank.ts";
import { handbook, retrieveFrom } from "../../tests/evals/answers-passages.ts";
import type { ConfidenceFeatures } from "./features.ts";

function featuresOf(text: string): ConfidenceFeatures {
  const { passages, statistics } = retrieveFrom(handbook, text);
  const question = readQuestion(text, statistics);
  const best = rankUnits(rankPassages(question, passages))[0];
  assert.ok(best !== undefined);
  return confidenceFeatures(question, best.passage, best.read);
}

test("a passage that holds all terms misses nothing", () => {
  const { coverage, missing, adjacency } = featuresOf("parental leave at full pay");
  assert.deepEqual([coverage, missing], [1, 0]);
  assert.ok(adjacency > 0.5);
});

test("an unknown term is the rarest that can be missing", () => {
  assert.equal(featuresOf("parental leave for zebras").missing, 1);
});

test("terms in their order beside each other count more than scattered ones", () => {
  const together = featuresOf("annual leave");
  const scattered = featuresOf("leave annual");
  assert.equal(together.adjacency, 1);
  assert.equal(scattered.adjacency, 0);
  assert.ok(confidenceOf(together) > confidenceOf(scattered));
});

test("confidence is a probability, and grows with every sign but the missing term", () => {
  const share = fc.double({ min: 0, max: 2, noNaN: true });
  const features = fc.record({
    coverage: share,
    missing: share,
    bm25: share,
    bm25Share: share,
    adjacency: share,
  });
  const name = fc.constantFrom("coverage", "missing", "bm25", "bm25Share", "adjacency");
  fc.assert(
    fc.property(features, name, (less, name) => {
      const more = { ...less, [name]: less[name] + 0.5 };
      const step = confidenceOf(more) - confidenceOf(less);
      assert.ok(name === "missing" ? step <= 0 : step >= 0);
      assert.ok(confidenceOf(less) > 0 && confidenceOf(more) < 1);
    }),
  );
});
