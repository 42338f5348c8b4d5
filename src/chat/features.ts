import { answersType } from "./answer-type.ts";
import { unitsOf } from "./units.ts";
import { tokenize } from "./words.ts";
import type { SourcePassage } from "./passages.ts";
import type { Token } from "./words.ts";
import type { Question } from "./question.ts";
import type { Unit } from "./units.ts";

/** What speaks for a passage; each between 0 and 1. */
export type PassageFeatures = {
  /** The engine's score, and our own BM25, as shares of the best passage's. */
  readonly engine: number;
  readonly lexical: number;
  /** Share of the question's weight that the passage, its title and its headings hold. */
  readonly coverage: number;
  /** The same for title and headings alone, and for the best unit alone, long ones discounted. */
  readonly titleCoverage: number;
  readonly unitCoverage: number;
  /** Share of the question's word pairs that stand side by side somewhere in the passage. */
  readonly adjacency: number;
  /** Whether some unit holds the kind of thing that is asked for. */
  readonly type: number;
};

/** What speaks for a unit within its passage; each between 0 and 1, `passage` below or at 0. */
export type UnitFeatures = {
  /** How far the passage's rank score lies below the best passage's. */
  readonly passage: number;
  readonly coverage: number;
  /** Coverage together with the unit before it, the title and the headings. */
  readonly windowCoverage: number;
  readonly adjacency: number;
  readonly type: number;
  /** Words, as a share of 40, at most 1. */
  readonly length: number;
  /** Fewer than five words say little. */
  readonly fragment: number;
  /** Above 60 words the terms of a question may meet by chance: the excess as a share of 180. */
  readonly long: number;
  readonly row: number;
  readonly code: number;
};

/** What tells an answer from the nearest text about something else; 0 or more, mostly below 2. */
export type ConfidenceFeatures = {
  /** Coverage of the best unit with its surroundings. */
  readonly coverage: number;
  /** Rarity of the rarest term of the question that its passage lacks. */
  readonly missing: number;
  /** BM25 of the passage, and the same per unit of the question's weight. */
  readonly bm25: number;
  readonly bm25Share: number;
  readonly adjacency: number;
};

/** A unit, compared with the question. */
export type ReadUnit = {
  readonly unit: Unit;
  /** The question's terms in it, by their synonyms too (see `shareOf`). */
  readonly terms: ReadonlySet<string>;
  readonly features: Omit<UnitFeatures, "passage">;
};

/** A passage, taken apart and compared with the question. */
export type ReadPassage = {
  readonly passage: SourcePassage;
  readonly units: readonly ReadUnit[];
  /** The question's terms that occur in the passage, its title or its headings. */
  readonly terms: ReadonlySet<string>;
  /** BM25 of our own over text, title and headings, so that it means the same with any engine. */
  readonly bm25: number;
  readonly features: PassageFeatures;
};

const k1 = 0.9;
const b = 0.4;
/** What a word that means the same counts where the question's own word counts 1. */
const synonymShare = 0.7;

/** Reads all passages of one retrieval; order is kept. */
export function readPassages(
  question: Question,
  passages: readonly SourcePassage[],
): readonly ReadPassage[] {
  const drafts = passages.map((passage) => draftOf(question, passage));
  const wordsMean = drafts.reduce((sum, { words }) => sum + words, 0) / Math.max(1, drafts.length);
  const scores = drafts.map((draft) => bm25Of(question, draft, wordsMean));
  const scoreMax = Math.max(...scores, Number.MIN_VALUE);
  const engineMax = Math.max(...passages.map(({ score }) => score), Number.MIN_VALUE);
  return drafts.map((draft, i) => {
    const { passage, units } = draft;
    const bm25 = scores[i] ?? 0;
    const terms = new Set(draft.counts.keys());
    const features: PassageFeatures = {
      engine: Math.max(0, passage.score) / engineMax,
      lexical: bm25 / scoreMax,
      coverage: coverage(question, terms),
      titleCoverage: coverage(question, draft.titleTerms),
      unitCoverage: Math.max(0, ...units.map(({ features }) => features.coverage - features.long)),
      adjacency: share(question.bigrams, draft.bigrams),
      type: Math.max(0, ...units.map(({ features }) => features.type)),
    };
    return { passage, units, terms, bm25, features };
  });
}

/** The share of the question's weight that a set of terms holds. */
export function coverage(question: Question, terms: ReadonlySet<string>): number {
  if (question.weight === 0) return 0;
  const held = question.terms.reduce((sum, t) => sum + t.weight * shareOf(t.term, terms), 0);
  return held / question.weight;
}

/** 1 where a set of terms has the term, less where it has a synonym, else 0. */
export function shareOf(term: string, terms: ReadonlySet<string>): number {
  if (terms.has(term)) return 1;
  return terms.has(bySynonym(term)) ? synonymShare : 0;
}

// No term has this sign in it, so the two can stand in one set.
const bySynonym = (term: string): string => `~${term}`;

type Draft = {
  readonly passage: SourcePassage;
  readonly units: readonly ReadUnit[];
  readonly titleTerms: ReadonlySet<string>;
  readonly bigrams: ReadonlySet<string>;
  /** How often each term of the question occurs. */
  readonly counts: ReadonlyMap<string, number>;
  readonly words: number;
};

function draftOf(question: Question, passage: SourcePassage): Draft {
  const own = new Set(question.terms.map(({ term }) => term));
  const counts = new Map<string, number>();
  const bigrams = new Set<string>();
  const look = (text: string): Look => {
    const found = lookFor(question, own, tokenize(text));
    for (const [term, count] of found.counts) counts.set(term, (counts.get(term) ?? 0) + count);
    return found;
  };
  const title = look([passage.source.title, ...passage.headingPath].join("\n"));
  const titleTerms = new Set(title.counts.keys());
  const units: ReadUnit[] = [];
  let words = title.words;
  let heading = "";
  let headingTerms: ReadonlySet<string> = new Set();
  for (const unit of unitsOf(passage.text)) {
    if (unit.heading !== heading) {
      heading = unit.heading;
      const found = look(heading);
      words += found.words;
      headingTerms = new Set(found.counts.keys());
    }
    const found = look(unit.shown);
    words += found.words;
    for (const pair of found.pairs) bigrams.add(pair);
    const terms = new Set(found.counts.keys());
    const before = units.at(-1)?.terms ?? [];
    const around = new Set([...terms, ...before, ...headingTerms, ...titleTerms]);
    units.push({
      unit,
      terms,
      features: {
        coverage: coverage(question, terms),
        windowCoverage: coverage(question, around),
        adjacency: share(question.bigrams, found.pairs),
        type: answersType(unit.shown, question.answerType, question.text),
        length: Math.min(1, found.words / 40),
        fragment: found.words < 5 ? 1 : 0,
        long: Math.min(1, Math.max(0, found.words - 60) / 180),
        row: unit.kind === "row" ? 1 : 0,
        code: unit.kind === "code" ? 1 : 0,
      },
    });
  }
  return { passage, units, titleTerms, bigrams, counts, words };
}

type Look = {
  readonly words: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly pairs: ReadonlySet<string>;
};

/** What a text holds of the question. One pass: an answer looks at hundreds of units. */
function lookFor(question: Question, own: ReadonlySet<string>, tokens: readonly Token[]): Look {
  const counts = new Map<string, number>();
  const pairs = new Set<string>();
  let previous: string | undefined;
  for (const { term, isStopWord } of tokens) {
    const meant = own.has(term) ? term : question.synonyms.get(term);
    if (meant !== undefined) {
      const key = meant === term ? term : bySynonym(meant);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (previous !== undefined) {
        const pair = `${previous} ${meant}`;
        if (question.bigrams.has(pair)) pairs.add(pair);
      }
    }
    // Stop words stand between the words of a question and of an answer alike.
    if (!isStopWord || meant !== undefined) previous = meant;
  }
  return { words: tokens.length, counts, pairs };
}

function bm25Of(question: Question, { counts, words }: Draft, wordsMean: number): number {
  const length = k1 * (1 - b + (b * words) / Math.max(1, wordsMean));
  return question.terms.reduce((sum, { term, weight }) => {
    const count = (counts.get(term) ?? 0) + synonymShare * (counts.get(bySynonym(term)) ?? 0);
    return sum + (weight * count * (k1 + 1)) / (count + length);
  }, 0);
}

function share(all: ReadonlySet<string>, held: ReadonlySet<string>): number {
  return all.size === 0 ? 0 : held.size / all.size;
}
