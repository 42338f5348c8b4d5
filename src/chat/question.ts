import { synonymsOf, tokenize } from "./words.ts";
import type { TermStatistics } from "./passages.ts";

/** What kind of thing the question asks for, as far as its wording tells. */
export type AnswerType = "number" | "time" | "person" | "place" | "other";

/** A term of the question. Weights are inverse document frequencies as shares of the largest. */
export type QuestionTerm = { readonly term: string; readonly weight: number };

/** A question, taken apart. */
export type Question = {
  readonly text: string;
  /** Each term once, in order of first use. */
  readonly terms: readonly QuestionTerm[];
  /** Words that mean the same as a term of the question and are none themselves → that term. */
  readonly synonyms: ReadonlyMap<string, string>;
  /** Neighbouring content terms, `a b`. */
  readonly bigrams: ReadonlySet<string>;
  readonly answerType: AnswerType;
  /** Sum of the weights of all terms. */
  readonly weight: number;
};

const answerTypes: readonly (readonly [AnswerType, RegExp])[] = [
  ["number", /\bhow (?:many|much|large|big|high|long|far|old|often|tall|deep|fast|wide)\b/i],
  ["number", /\b(?:what|which) (?:percentage|percent|number|amount|size|price|range|share)\b/i],
  ["time", /\b(?:when|(?:what|which) (?:year|date|day|month|decade|century|time))\b/i],
  ["person", /\b(?:who|whom|whose)\b/i],
  ["place", /\b(?:where|(?:what|which) (?:country|city|state|place|region|area))\b/i],
];

// These belong to the question word ("how many"), so an answer does not repeat them.
const measureWords =
  /\bhow (?:many|much|large|big|high|long|far|old|often|tall|deep|fast|wide)\b/gi;

/** Reads a question. `borrowed` are words of an earlier question, which count half. */
export function readQuestion(text: string, statistics: TermStatistics, borrowed = ""): Question {
  const own = contentTerms(text.replace(measureWords, " "));
  const earlier = borrowed === "" ? [] : contentTerms(borrowed);
  const weights = new Map<string, number>();
  for (const term of own) weights.set(term, rarity(term, statistics));
  for (const term of earlier) {
    if (!weights.has(term)) weights.set(term, rarity(term, statistics) / 2);
  }
  const terms = [...weights].map(([term, weight]) => ({ term, weight }));
  return {
    text,
    terms,
    synonyms: new Map(
      [...own, ...earlier].flatMap((term) =>
        synonymsOf(term).flatMap((other) => (weights.has(other) ? [] : [[other, term] as const])),
      ),
    ),
    bigrams: new Set(bigramsOf(own)),
    answerType: answerTypes.find(([, pattern]) => pattern.test(text))?.[0] ?? "other",
    weight: terms.reduce((sum, { weight }) => sum + weight, 0),
  };
}

/** Neighbours in a list of terms, each pair as one string. */
export function bigramsOf(terms: readonly string[]): readonly string[] {
  return terms.slice(1).map((term, i) => `${terms[i]} ${term}`);
}

/** Terms that are no stop words: a question of nothing else gives nothing to go by. */
function contentTerms(text: string): readonly string[] {
  return tokenize(text).flatMap(({ term, isStopWord }) => (isStopWord ? [] : [term]));
}

/** 1 for a term the index does not know, towards 0 for one that is everywhere. */
function rarity(term: string, { chunks, chunksWith }: TermStatistics): number {
  const holding = Math.min(chunksWith(term), chunks);
  const idf = Math.log(1 + (chunks - holding + 0.5) / (holding + 0.5));
  return idf / Math.log(1 + (chunks + 0.5) / 0.5);
}
