// BM25 with one combined frequency per chunk: words of the title and of the headings above the
// chunk count more than words of its text. One posting per chunk then carries all fields.

/** Saturation and length normalisation, as measured on the public collections. */
export const k1 = 0.9;
export const b = 0.4;

/** What one occurrence in each field counts. Whole numbers: frequencies are stored in a byte. */
export const fieldWeights = { text: 1, title: 2, heading: 1 } as const;

/** The largest stored frequency; more of the same hardly changes a score. */
export const frequencyMax = 255;

/** The largest stored length in words. */
export const lengthMax = 65_535;

/** What is known of a collection as a whole. Deleted chunks count until they are merged away. */
export type CollectionStatistics = { readonly chunks: number; readonly words: number };

/** Rarity of a term that stands in `df` of so many chunks. */
export function idf(chunks: number, df: number): number {
  return Math.log(1 + (chunks - df + 0.5) / (df + 0.5));
}

/** The two constants of the length term: `score` is `f * (k1 + 1) / (f + fixed + perWord * len)`. */
export type LengthNorm = { readonly fixed: number; readonly perWord: number };

/** Length normalisation for a collection. */
export function lengthNorm(statistics: CollectionStatistics): LengthNorm {
  const average = statistics.chunks === 0 ? 1 : Math.max(1, statistics.words / statistics.chunks);
  return { fixed: k1 * (1 - b), perWord: (k1 * b) / average };
}

/** The share of one term in a chunk's score; `weight` is rarity times count in the question. */
export function termScore(
  weight: number,
  frequency: number,
  length: number,
  norm: LengthNorm,
): number {
  return (weight * frequency * (k1 + 1)) / (frequency + norm.fixed + norm.perWord * length);
}
