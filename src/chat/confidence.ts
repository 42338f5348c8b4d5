import { shareOf } from "./features.ts";
import { confidenceWeights } from "./answer-weights.ts";
import { weigh } from "./weigh.ts";
import type { ConfidenceFeatures, ReadPassage, ReadUnit } from "./features.ts";
import type { Question } from "./question.ts";

/** Measures how well a passage, and a unit in it, meet the question. */
export function confidenceFeatures(
  question: Question,
  passage: ReadPassage,
  unit: ReadUnit,
): ConfidenceFeatures {
  const missing = question.terms.filter(({ term }) => shareOf(term, passage.terms) === 0);
  return {
    coverage: unit.features.windowCoverage,
    missing: Math.max(0, ...missing.map(({ weight }) => weight)),
    bm25: passage.bm25,
    bm25Share: question.weight === 0 ? 0 : passage.bm25 / question.weight,
    adjacency: passage.features.adjacency,
  };
}

/** The probability, by the fitted table, that a passage like this answers the question. */
export function confidenceOf(features: ConfidenceFeatures): number {
  const { intercept, ...weights } = confidenceWeights;
  return 1 / (1 + Math.exp(-intercept - weigh(weights, features)));
}
