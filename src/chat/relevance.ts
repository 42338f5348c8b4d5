import { confidenceFeatures, confidenceOf } from "./confidence.ts";
import { readPassages } from "./features.ts";
import { readQuestion } from "./question.ts";
import { unitScore } from "./rank.ts";
import type { Retrieved } from "./passages.ts";

/** `scoreAttributes.scoreConfidence` of SearchRelevantContent. */
export type ScoreConfidence = "VERY_HIGH" | "HIGH" | "MEDIUM" | "LOW" | "NOT_AVAILABLE";

// MEDIUM begins where an answer would be given; see `confidenceMin`.
const buckets: readonly (readonly [ScoreConfidence, number])[] = [
  ["VERY_HIGH", 0.9],
  ["HIGH", 0.6],
  ["MEDIUM", 0.3],
  ["LOW", 0],
];

/**
 * How sure it is that each passage meets the query, in the order of the passages: the answerer's
 * own confidence, by the best unit of each. NOT_AVAILABLE where the query or passage has no words.
 */
export function scoreConfidences(queryText: string, retrieved: Retrieved): ScoreConfidence[] {
  const question = readQuestion(queryText, retrieved.statistics);
  return readPassages(question, retrieved.passages).map((passage) => {
    const best = passage.units.toSorted((a, b) => unitScore(b) - unitScore(a))[0];
    if (best === undefined || question.terms.length === 0) return "NOT_AVAILABLE";
    const confidence = confidenceOf(confidenceFeatures(question, passage, best));
    return buckets.find(([, least]) => confidence >= least)?.[0] ?? "LOW";
  });
}
