import { passageWeights, unitWeights } from "./answer-weights.ts";
import { confidenceFeatures, confidenceOf } from "./confidence.ts";
import { readPassages } from "./features.ts";
import { weigh } from "./weigh.ts";
import type { ReadPassage, ReadUnit, UnitFeatures } from "./features.ts";
import type { SourcePassage } from "./passages.ts";
import type { Question } from "./question.ts";

/** A unit that could be shown, with its log-odds against the others of the same retrieval. */
export type Candidate = {
  readonly passage: ReadPassage;
  /** Its place among the passage's units. */
  readonly at: number;
  readonly read: ReadUnit;
  readonly features: UnitFeatures;
  readonly score: number;
};

/** Units come from this many of the best passages. */
export const passagesUsed = 5;

/** A passage with its place in the order of this answer. */
export type RankedPassage = { readonly read: ReadPassage; readonly score: number };

/** All passages, the one that most likely answers first. */
export function rankPassages(
  question: Question,
  passages: readonly SourcePassage[],
): readonly RankedPassage[] {
  return readPassages(question, passages)
    .map((read) => ({ read, score: weigh(passageWeights, read.features) }))
    .sort((a, b) => b.score - a.score);
}

/** Units of the best passages, the one that most likely answers first. */
export function rankUnits(ranked: readonly RankedPassage[]): readonly Candidate[] {
  const best = ranked[0]?.score ?? 0;
  const candidates = ranked.slice(0, passagesUsed).flatMap(({ read: passage, score }) =>
    passage.units.map((read, at) => {
      const features: UnitFeatures = { ...read.features, passage: score - best };
      return { passage, at, read, features, score: weigh(unitWeights, features) };
    }),
  );
  return candidates.sort((a, b) => b.score - a.score);
}

/** Log-odds of a unit against the others of its own passage. */
export function unitScore({ features }: ReadUnit): number {
  return weigh(unitWeights, { ...features, passage: 0 });
}

/** How sure the answer can be, by its best unit: between 0 and 1. */
export function confidenceIn(question: Question, best: Candidate): number {
  return confidenceOf(confidenceFeatures(question, best.passage, best.read));
}
