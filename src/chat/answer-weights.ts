import type { ConfidenceFeatures } from "./confidence.ts";
import type { PassageFeatures, UnitFeatures } from "./features.ts";

// Fitted by `node tools/fit-answer-weights.ts`; see there for how, and what was measured.

/** Log-odds of being the passage that answers, within one retrieval. */
export const passageWeights: Readonly<Record<keyof PassageFeatures, number>> = {
  engine: 3.41,
  lexical: 3.5,
  coverage: 1.62,
  titleCoverage: 2.95,
  unitCoverage: 3.09,
  adjacency: 3.61,
  type: 0.87,
};

/** Log-odds of being the unit that answers, within the best passages. */
export const unitWeights: Readonly<Record<keyof UnitFeatures, number>> = {
  passage: 0.76,
  coverage: 4.38,
  windowCoverage: 4.3,
  adjacency: 1.38,
  type: 1.72,
  length: -0.3,
  fragment: -2.02,
  row: 0,
  code: -1,
};

/** Log-odds that the question has an answer in the collection. */
export const confidenceWeights: Readonly<Record<keyof ConfidenceFeatures, number>> & {
  readonly intercept: number;
} = {
  intercept: -6.19,
  coverage: 2.63,
  missing: -0.76,
  bm25: 1.17,
  bm25Share: 4.44,
  adjacency: 4.12,
};
