// A second look at the best thirty: does one sentence of the passage hold most of the question,
// and in its order? Deliberately at half strength, so that it helps questions without hurting
// searches by topic.
import { type Token, tokenize } from "./analyzer.ts";

/** How many of the best are looked at again. */
export const rerankDepth = 30;

/** Weights relative to the BM25 score divided by the best BM25 score. */
export const rerankWeights = { coverage: 0.2, adjacency: 0.1 } as const;

/** A term of the question and its rarity; a synonym names the question's own term. */
export type WeightedTerm = {
  readonly term: string;
  readonly idf: number;
  readonly standsFor?: string;
};

/** What the second look sees of a passage. */
export type Rerankable = {
  readonly bm25: number;
  readonly text: string;
};

/**
 * New scores in the order of `passages`: BM25 as a share of the best, plus what the best sentence
 * covers of the question (by rarity), plus how much of the question's word pairs stand side by
 * side in it.
 *
 * A synonym stands in its term's place and adds nothing beside it.
 *
 * @param searched the searched terms in the order of the question, synonyms anywhere.
 */
export function rerankScores(
  passages: readonly Rerankable[],
  searched: readonly WeightedTerm[],
): readonly number[] {
  const terms = ownPlaces(searched);
  const best = Math.max(...passages.map((passage) => passage.bm25), Number.MIN_VALUE);
  const places = placesOf(searched, terms);
  const total = terms.reduce((sum, { idf }) => sum + idf, 0);
  return passages.map((passage) => {
    const features = bestSentence(passage.text, terms, places);
    const share = (value: number): number => (total === 0 ? 0 : value / total);
    return (
      passage.bm25 / best +
      rerankWeights.coverage * share(features.coverage) +
      rerankWeights.adjacency * share(features.adjacency)
    );
  });
}

/** One place for each of the question's terms; the best-known synonym's for one the index lacks. */
function ownPlaces(searched: readonly WeightedTerm[]): readonly WeightedTerm[] {
  const places = new Map<string, WeightedTerm>();
  for (const { term, idf, standsFor } of searched) {
    const own = standsFor ?? term;
    if (!places.has(own)) places.set(own, { term: own, idf });
  }
  return [...places.values()];
}

function placesOf(
  searched: readonly WeightedTerm[],
  terms: readonly WeightedTerm[],
): ReadonlyMap<string, number> {
  const own = new Map(terms.map(({ term }, place) => [term, place]));
  return new Map(
    searched.flatMap(({ term, standsFor }) => {
      const place = own.get(standsFor ?? term);
      return place === undefined ? [] : [[term, place] as const];
    }),
  );
}

type Features = { readonly coverage: number; readonly adjacency: number };

/** The highest coverage and the highest adjacency of any sentence, as sums of rarities. */
function bestSentence(
  text: string,
  terms: readonly WeightedTerm[],
  places: ReadonlyMap<string, number>,
): Features {
  let best: Features = { coverage: 0, adjacency: 0 };
  let begin = 0;
  const tokens = tokenize(text);
  for (let i = 0; i < tokens.length; i += 1) {
    if (i + 1 < tokens.length && !endsSentence(text, tokens[i], tokens[i + 1])) continue;
    const sentence = sentenceFeatures(tokens.slice(begin, i + 1), terms, places);
    best = {
      coverage: Math.max(best.coverage, sentence.coverage),
      adjacency: Math.max(best.adjacency, sentence.adjacency),
    };
    begin = i + 1;
  }
  return best;
}

/** A rough cut is enough here: a mark that ends sentences with white space behind it, or a line. */
function endsSentence(text: string, left: Token | undefined, right: Token | undefined): boolean {
  if (left === undefined || right === undefined) return true;
  for (let at = left.end; at < right.begin; at += 1) {
    const sign = text[at] ?? "";
    if (sign === "\n" && text[at + 1] === "\n") return true;
    if (".?!".includes(sign) && (text.charCodeAt(at + 1) <= 32 || at + 1 === text.length))
      return true;
    if (sign === "。") return true;
  }
  return false;
}

function sentenceFeatures(
  tokens: readonly Token[],
  terms: readonly WeightedTerm[],
  places: ReadonlyMap<string, number>,
): Features {
  const seen = new Set<number>();
  const pairs = new Set<number>();
  let previous: number | undefined;
  for (const { term, isStopWord } of tokens) {
    const place = places.get(term);
    if (place !== undefined) {
      seen.add(place);
      if (previous !== undefined && previous + 1 === place) pairs.add(place);
    }
    // Stop words stand between the words of a question and of a sentence alike.
    if (!isStopWord || place !== undefined) previous = place;
  }
  const rarity = (place: number): number => terms[place]?.idf ?? 0;
  let coverage = 0;
  let adjacency = 0;
  for (const place of seen) coverage += rarity(place);
  for (const place of pairs) adjacency += (rarity(place - 1) + rarity(place)) / 2;
  return { coverage, adjacency };
}
