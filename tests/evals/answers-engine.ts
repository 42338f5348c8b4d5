import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anonymousViewer } from "../../src/core/viewer.ts";
import { canonicalAcl, createSearch } from "../../src/search/search.ts";
import { aclClasses, documents, openDatabase } from "../../src/store/store.ts";
import type { Retrieved } from "../../src/chat/chat.ts";
import type { IndexableDocument } from "../../src/search/search.ts";
import type { PlainPassage } from "./answers-bm25.ts";

/** The own engine over a fresh database in a temporary folder. */
export type EvalEngine = AsyncDisposable & {
  readonly retrieve: (text: string, limit: number) => Promise<Retrieved>;
};

const indexId = "11111111-2222-3333-4444-555555555555";
const at = new Date("2026-01-01T00:00:00Z");

/** Publishes passages, which stand in order within their document, and opens them to questions. */
export async function evalEngine(passages: readonly PlainPassage[]): Promise<EvalEngine> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-answers-"));
  const db = await openDatabase(join(folder, "quarry.db"));
  const search = createSearch({ db });
  const grouped = Map.groupBy(passages, ({ source }) => source.documentId);
  const sources = new Map<number, PlainPassage>();
  const batch: IndexableDocument[] = [];
  await db.write(async (trx) => {
    const aclClass = await aclClasses.intern(trx, canonicalAcl("public"));
    for (const [documentId, own] of grouped) {
      const first = own[0];
      if (first === undefined) continue;
      const row = { applicationId: "application", indexId, dataSourceId: "", documentId, at };
      const accepted = await documents.accept(trx, {
        ...row,
        title: "",
        objectKey: "",
        status: "RECEIVED",
      });
      await documents.publish(trx, { ...accepted, ...published, aclClass });
      sources.set(accepted.key, first);
      batch.push({
        documentKey: accepted.key,
        version: accepted.version,
        aclClass,
        title: first.source.title,
        attributes: [],
        chunks: own.map(({ text, headingPath, ordinal }) => ({
          ordinal,
          text,
          headingPath,
          beginOffset: 0,
          endOffset: text.length,
          tokens: Math.ceil(text.length / 4),
        })),
      });
    }
  });
  const prepared = await search.prepare(indexId, batch);
  await db.write((trx) => search.publish(trx, indexId, prepared));
  return {
    retrieve: async (text, limit) => {
      const query = { indexId, viewer: anonymousViewer, text, limit };
      const { passages: found, statistics } = await search.retrieve(query);
      const cited = found.flatMap(({ documentKey, ordinal, text, headingPath, score }) => {
        const source = sources.get(documentKey)?.source;
        return source === undefined
          ? []
          : [{ documentKey, ordinal, text, headingPath, score, source }];
      });
      return { passages: cited, statistics };
    },
    async [Symbol.asyncDispose]() {
      await search[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const published = {
  title: "",
  uri: "",
  contentType: "PLAIN_TEXT",
  attributes: "[]",
  textBytes: 1,
  fingerprint: "",
  syncId: "",
  syncAction: "",
  at,
} as const;
