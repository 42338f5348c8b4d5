import type { ConfidenceFeatures, PassageFeatures, UnitFeatures } from "./features.ts";

// Fitted by `node tools/fit-answer-weights.ts`; see there for how, and what was measured.

/** Log-odds of being the passage that answers, within one retrieval. */
export const passageWeights: Readonly<Record<keyof PassageFeatures, number>> = {
  engine: 3.4,
  lexical: 3.49,
  coverage: 1.61,
  titleCoverage: 2.96,
  unitCoverage: 3.2,
  adjacency: 3.56,
  type: 0.86,
};

/** Log-odds of being the unit that answers, within the best passages. */
export const unitWeights: Readonly<Record<keyof UnitFeatures, number>> = {
  passage: 0.65,
  coverage: 4.5,
  windowCoverage: 4.23,
  adjacency: 1.19,
  type: 1.67,
  length: -0.22,
  fragment: -2.01,
  // SQuAD is prose: the next three are set by hand.
  long: -4,
  row: 0,
  code: -4,
};

/** Log-odds that the question has an answer in the collection. */
export const confidenceWeights: Readonly<Record<keyof ConfidenceFeatures, number>> & {
  readonly intercept: number;
} = {
  intercept: -6.17,
  coverage: 2.59,
  missing: -0.77,
  bm25: 1.17,
  bm25Share: 4.46,
  adjacency: 4.14,
};
