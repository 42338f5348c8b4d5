// A question as terms, with limits: nobody's question has a thousand words, but somebody may send one.
import { tokenize } from "./analyzer.ts";
import { synonymShare, synonymsOf } from "./synonyms.ts";

/** Limits of a question; what is beyond is not looked at. */
export const questionLimits = {
  /** Longer than the longest message that the API takes. */
  charactersMax: 10_000,
  distinctTermsMax: 1_000,
  /** Of the distinct terms the rarest are searched for. */
  searchedTermsMax: 64,
} as const;

/**
 * A term and how often the question has it. A synonym names the term it stands for, and counts for
 * less than that does.
 */
export type QuestionTerm = {
  readonly term: string;
  readonly count: number;
  readonly standsFor?: string;
};

/**
 * `content` is what to search for, the question's own terms before their synonyms; `stop` joins in
 * when nothing of it matches.
 */
export type Question = {
  readonly content: readonly QuestionTerm[];
  readonly stop: readonly QuestionTerm[];
};

/** The distinct terms of a question in the order they first stand in it. */
export function parseQuestion(text: string): Question {
  const counts = new Map<string, { isStopWord: boolean; count: number }>();
  for (const { term, isStopWord } of tokenize(text.slice(0, questionLimits.charactersMax))) {
    const known = counts.get(term);
    if (known !== undefined) known.count += 1;
    else if (counts.size < questionLimits.distinctTermsMax) {
      counts.set(term, { isStopWord, count: 1 });
    }
  }
  const terms = [...counts].map(([term, entry]) => ({ term, ...entry }));
  const pick = (isStopWord: boolean): readonly QuestionTerm[] =>
    terms.filter((t) => t.isStopWord === isStopWord).map(({ term, count }) => ({ term, count }));
  const own = pick(false);
  const synonyms = own.flatMap(({ term, count }) =>
    synonymsOf(term)
      .filter((other) => !counts.has(other))
      .map((other) => ({ term: other, count: count * synonymShare, standsFor: term })),
  );
  return { content: [...own, ...synonyms], stop: pick(true) };
}
