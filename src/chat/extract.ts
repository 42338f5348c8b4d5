import { chooseUnits } from "./choose.ts";
import { composeAnswer } from "./compose.ts";
import { readQuestion } from "./question.ts";
import { confidenceIn, rankPassages, rankUnits } from "./rank.ts";
import { shorten } from "./shorten.ts";
import type { ComposedAnswer, Piece } from "./compose.ts";
import type { Retrieved } from "./passages.ts";
import type { Candidate } from "./rank.ts";

/** Below this confidence there is no answer; see tests/evals/answers.test.ts for what it costs. */
export const confidenceMin = 0.3;

/** Below this one the answer says that it is only the nearest text. */
const confidenceSure = 0.6;

const leadIn = "These are the most relevant passages I found:\n\n";
const shownLengthMax = 600;

/** An answer from the passages, or none, and how sure it is: between 0 and 1. */
export type Extracted = {
  readonly confidence: number;
  readonly answer?: ComposedAnswer;
};

/**
 * Answers a question with up to three sentences of the passages, word for word except for markup,
 * or not at all when nothing is near enough. `borrowed` are the words of an earlier question.
 */
export function extractAnswer(
  question: { readonly text: string; readonly borrowed?: string },
  { passages, statistics }: Retrieved,
): Extracted {
  const read = readQuestion(question.text, statistics, question.borrowed);
  const candidates = rankUnits(rankPassages(read, passages));
  const best = candidates[0];
  if (best === undefined) return { confidence: 0 };
  const confidence = confidenceIn(read, best);
  if (confidence < confidenceMin) return { confidence };
  const pieces = inReadingOrder(chooseUnits(candidates)).map(pieceOf);
  return {
    confidence,
    answer: composeAnswer(pieces, confidence < confidenceSure ? leadIn : ""),
  };
}

/** The document with the best unit first; within a document as it is written. */
function inReadingOrder(chosen: readonly Candidate[]): readonly Candidate[] {
  const keyOf = (candidate: Candidate): string | number => candidate.passage.passage.documentKey;
  const documents = [...new Set(chosen.map(keyOf))];
  return chosen.toSorted((a, b) => {
    const byDocument = documents.indexOf(keyOf(a)) - documents.indexOf(keyOf(b));
    return byDocument || a.passage.passage.ordinal - b.passage.passage.ordinal || a.at - b.at;
  });
}

function pieceOf({ passage: { passage }, read: { unit } }: Candidate): Piece {
  return {
    passage,
    shown: shorten(unit.shown, shownLengthMax),
    excerpt: passage.text.slice(unit.begin, unit.end),
    isBlock: unit.kind !== "sentence",
  };
}
