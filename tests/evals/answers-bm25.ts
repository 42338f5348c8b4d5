import { tokenize } from "../../src/search/search.ts";
import type { Retrieved, SourcePassage } from "../../src/chat/chat.ts";

/** A passage before retrieval: all but its score. */
export type PlainPassage = Omit<SourcePassage, "score">;

/** BM25 over title, headings and text as one field, in memory. */
export type PlainIndex = {
  readonly retrieve: (query: string, limit: number) => Retrieved;
};

const k1 = 0.9;
const b = 0.4;

/** Indexes passages; the order breaks ties. */
export function plainIndex(passages: readonly PlainPassage[]): PlainIndex {
  const postings = new Map<string, { readonly at: number; count: number }[]>();
  const lengths = passages.map((passage, at) => {
    const { text, headingPath, source } = passage;
    const tokens = tokenize([source.title, ...headingPath, text].join("\n"));
    for (const { term } of tokens) {
      const list = postings.get(term);
      const last = list?.at(-1);
      if (list === undefined) postings.set(term, [{ at, count: 1 }]);
      else if (last?.at === at) last.count += 1;
      else list.push({ at, count: 1 });
    }
    return tokens.length;
  });
  const lengthMean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  const statistics = {
    chunks: passages.length,
    chunksWith: (term: string) => postings.get(term)?.length ?? 0,
  };
  const retrieve = (query: string, limit: number): Retrieved => {
    const scores = new Map<number, number>();
    const tokens = tokenize(query);
    const content = tokens.filter(({ isStopWord }) => !isStopWord);
    for (const { term } of content.length > 0 ? content : tokens) {
      const list = postings.get(term) ?? [];
      const idf = Math.log(1 + (passages.length - list.length + 0.5) / (list.length + 0.5));
      for (const { at, count } of list) {
        const norm = k1 * (1 - b + (b * (lengths[at] ?? 0)) / lengthMean);
        scores.set(at, (scores.get(at) ?? 0) + (idf * count * (k1 + 1)) / (count + norm));
      }
    }
    const best = [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, limit);
    const found = best.flatMap(([at, score]) => {
      const passage = passages[at];
      return passage === undefined ? [] : [{ ...passage, score }];
    });
    return { passages: found, statistics };
  };
  return { retrieve };
}
