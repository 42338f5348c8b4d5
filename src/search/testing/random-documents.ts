// Random collections with the traits that matter: common and rare words, short and long chunks.
import * as fc from "fast-check";
import type { IndexableDocument } from "../segment-builder.ts";
import { chunksOf } from "./collection.ts";

/** Numbers from a seed; the same seed gives the same numbers. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A word; low numbers are common, as in language. */
export function randomWord(random: () => number): string {
  return `q${Math.floor(200 * random() ** 3)}`;
}

/** Documents with keys from 1, four access classes, and a number attribute. */
export function randomDocuments(seed: number, count: number): readonly IndexableDocument[] {
  const random = randomNumbers(seed);
  const words = (most: number): string =>
    Array.from({ length: 1 + Math.floor(most * random() ** 2) }, () => randomWord(random)).join(
      " ",
    );
  return Array.from({ length: count }, (_, i) => ({
    documentKey: i + 1,
    version: 1,
    aclClass: 1 + Math.floor(random() * 4),
    title: words(3),
    attributes: [{ name: "year", value: { longValue: 2000 + Math.floor(random() * 10) } }],
    chunks: chunksOf(
      Array.from({ length: Math.floor(random() * 5) }, () => words(60)),
      random() < 0.3 ? [words(2)] : [],
    ),
  }));
}

/** Seeds for `randomDocuments`. */
export const seeds: fc.Arbitrary<number> = fc.integer({ min: 0, max: 2 ** 31 });
