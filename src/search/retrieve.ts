// One question to one index, inside a worker thread and on one snapshot of the database:
// terms -> candidates of all segments -> texts -> second look -> passages.
import type { ContentCipher } from "../core/content-cipher.ts";
import { chunks, type Readable } from "../store/store.ts";
import type { Chunk } from "../documents/documents.ts";
import type { AttributeFilter } from "./attributes.ts";
import type { ClassSet } from "./class-set.ts";
import { DamagedIndexError } from "./damaged.ts";
import { evaluateFilter } from "./filter.ts";
import type { IndexReader, LoadedIndex } from "./index-reader.ts";
import { searchSegment } from "./max-score.ts";
import { PostingCursor } from "./postings.ts";
import { parseQuestion, questionLimits, type QuestionTerm } from "./question.ts";
import { rerankDepth, rerankScores, type WeightedTerm } from "./rerank.ts";
import { idf, lengthNorm } from "./scoring.ts";
import { findDocument, findTerm, readPostings } from "./segment.ts";
import { sealedPlace } from "./sealing.ts";
import { chunksPerPage } from "./segment-builder.ts";
import { type Candidate, TopK } from "./top-k.ts";
import { countTerms, visiblePart, type VisiblePart, type VisibleSegment } from "./visible-part.ts";

/** A question with everything that was decided about it before it reached the thread. */
export type RetrieveRequest = {
  readonly indexId: string;
  readonly text: string;
  /** ACL classes that the viewer may see; documents of all others do not exist here. */
  readonly visibleClasses: ClassSet;
  readonly filter?: AttributeFilter;
  readonly limit: number;
  /** Documents to leave out, besides: those that the check after ranking refused. */
  readonly excluded: readonly number[];
};

/** A retrieved piece of text, before the check after ranking. */
export type FoundPassage = Omit<Chunk, "tokens"> & {
  readonly documentKey: number;
  readonly version: number;
  readonly title: string;
  readonly tokens: number;
  /** For ranking within one answer only: 1 and above for the best, comparable to nothing else. */
  readonly score: number;
  /** BM25 alone: grows with the rarity and number of the words that were found. */
  readonly bm25: number;
};

/** What a thread answers: passages, and how common the terms are in what the viewer may see. */
export type FoundPassages = {
  readonly passages: readonly FoundPassage[];
  readonly chunks: number;
  readonly chunksWith: ReadonlyMap<string, number>;
};

type Visibility = readonly (Uint8Array | undefined)[];
type WeightedQuestionTerm = WeightedTerm & { readonly weight: number };
type Found = {
  readonly candidates: readonly Candidate[];
  readonly terms: readonly WeightedQuestionTerm[];
};

/** Where a question looks: memory, a snapshot, and what opens what is sealed there. */
export type RetrieveFrom = {
  readonly reader: IndexReader;
  readonly db: Readable;
  readonly cipher: ContentCipher;
};

/** Runs a question; `isCancelled` is asked from time to time and ends it early with nothing. */
export async function retrieve(
  from: RetrieveFrom,
  request: RetrieveRequest,
  isCancelled: () => boolean,
): Promise<FoundPassages> {
  const index = await from.reader.open(from.db, request.indexId, from.cipher);
  const question = parseQuestion(request.text);
  const part = visiblePart(index, request.visibleClasses);
  const terms = [...question.content, ...question.stop].map(({ term }) => term);
  const chunksWith = await countTerms(index, part, terms, ({ id }) =>
    from.reader.pages(from.db, { indexId: request.indexId, id }, from.cipher),
  );
  const statistics = { chunks: part.statistics.chunks, chunksWith };
  const visibility = index.segments.map((segment, i) =>
    chosenDocuments(segment, part.segments[i], request),
  );
  const run: Run = { ...from, request, index, part, visibility, isCancelled };
  let found = await findCandidates(run, weigh(question.content, statistics));
  // Words like "the" are in every passage: they decide only where nothing else does.
  if (found.candidates.length === 0 && question.stop.length > 0) {
    found = await findCandidates(run, weigh(question.stop, statistics));
  }
  if (isCancelled()) return { ...statistics, passages: [] };
  return { ...statistics, passages: await rank(run, found) };
}

/** Of the visible documents those that the filter lets pass and that are not left out. */
function chosenDocuments(
  { head }: LoadedIndex["segments"][number],
  visible: VisibleSegment | undefined,
  { filter, excluded }: RetrieveRequest,
): Uint8Array | undefined {
  if (visible === undefined) return undefined;
  if (filter === undefined && excluded.length === 0) return visible.mask;
  const mask = Uint8Array.from(visible.mask);
  for (const documentKey of excluded) {
    const document = findDocument(head, documentKey);
    if (document !== -1) mask[document] = 0;
  }
  if (filter !== undefined) {
    const passes = evaluateFilter(filter, head.columns, head.documents);
    for (let i = 0; i < mask.length; i += 1) mask[i] = (mask[i] ?? 0) & (passes[i] ?? 0);
  }
  return mask.includes(1) ? mask : undefined;
}

type Run = RetrieveFrom & {
  readonly request: RetrieveRequest;
  readonly index: LoadedIndex;
  readonly part: VisiblePart;
  readonly visibility: Visibility;
  readonly isCancelled: () => boolean;
};

async function findCandidates(run: Run, terms: readonly WeightedQuestionTerm[]): Promise<Found> {
  const { index, part, visibility, isCancelled } = run;
  const top = new TopK(Math.max(run.request.limit, rerankDepth));
  const norm = lengthNorm(part.statistics);
  for (const [segment, { head }] of index.segments.entries()) {
    const mask = visibility[segment];
    if (mask === undefined || isCancelled()) continue;
    searchSegment(
      {
        cursors: await openCursors(run, segment, terms),
        lengths: head.lengths,
        norm,
        isVisible: (chunk) => mask[head.documentOf[chunk] ?? 0] === 1,
        offer: (chunk, score) => {
          const document = head.documentOf[chunk] ?? 0;
          const ordinal = chunk - (head.chunkBegins[document] ?? 0);
          const documentKey = head.documentKeys[document] ?? 0;
          top.offer({ score, documentKey, ordinal, segment, chunk });
        },
        isCancelled,
      },
      top,
    );
  }
  return { candidates: top.sorted(), terms };
}

/** The terms that the index has, with their weights; the rarest where there are too many. */
function weigh(
  asked: readonly QuestionTerm[],
  statistics: Omit<FoundPassages, "passages">,
): readonly WeightedQuestionTerm[] {
  const known = asked.flatMap(({ term, count, standsFor }) => {
    const df = statistics.chunksWith.get(term) ?? 0;
    if (df === 0) return [];
    const rarity = idf(statistics.chunks, df);
    const weight = rarity * count;
    return [{ term, idf: rarity, weight, ...(standsFor === undefined ? {} : { standsFor }) }];
  });
  if (known.length <= questionLimits.searchedTermsMax) return known;
  const rarest = known.toSorted((x, y) => y.idf - x.idf).slice(0, questionLimits.searchedTermsMax);
  const kept = new Set(rarest.map(({ term }) => term));
  return known.filter(({ term }) => kept.has(term));
}

async function openCursors(
  { reader, db, cipher, request, index, part }: Run,
  segment: number,
  terms: readonly WeightedQuestionTerm[],
): Promise<readonly PostingCursor[]> {
  const loaded = index.segments[segment];
  if (loaded === undefined) return [];
  const pages = reader.pages(db, { indexId: request.indexId, id: loaded.id }, cipher);
  const norm = lengthNorm(part.statistics);
  const cursors: PostingCursor[] = [];
  for (const { term, weight } of terms) {
    const place = findTerm(loaded.head, term);
    if (place === undefined) continue;
    const bytes = await readPostings(pages, place);
    cursors.push(new PostingCursor({ bytes, count: place.count, weight, norm }));
  }
  return cursors;
}

async function rank(
  { reader, db, cipher, request, index }: Run,
  { candidates, terms }: Found,
): Promise<readonly FoundPassage[]> {
  const { indexId, limit } = request;
  const keys = [...new Set(candidates.map((candidate) => candidate.documentKey))];
  const documents = new Map(
    (await chunks.find(db, indexId, keys)).map((document) => [document.documentKey, document]),
  );
  const texts: Omit<FoundPassage, "score">[] = [];
  for (const { score, documentKey, ordinal, segment, chunk } of candidates) {
    const head = index.segments[segment]?.head;
    const version = head?.versions[head.documentOf[chunk] ?? 0];
    const document = documents.get(documentKey);
    const where = `The text of document ${documentKey} of index ${indexId}`;
    // Both are of one snapshot, so they can only differ by damage.
    if (document === undefined || document.version !== version) throw DamagedIndexError.of(where);
    const page = Math.floor(ordinal / chunksPerPage);
    const at = { indexId, documentKey, version };
    const read = await reader.chunks(db, { ...at, page }, cipher);
    const text = read[ordinal % chunksPerPage];
    if (text === undefined) throw DamagedIndexError.of(where);
    const title = cipher.openText(sealedPlace.title(at), document.title);
    texts.push({ ...text, documentKey, version, title, bm25: score });
  }
  // Similarity by meaning joins here: one more score per candidate, added before the sort.
  const scores = rerankScores(texts.slice(0, rerankDepth), terms);
  const best = texts[0]?.bm25 ?? 1;
  return texts
    .map((text, i) => ({ ...text, score: scores[i] ?? text.bm25 / best }))
    .sort((x, y) => y.score - x.score || x.documentKey - y.documentKey || x.ordinal - y.ordinal)
    .slice(0, limit);
}
