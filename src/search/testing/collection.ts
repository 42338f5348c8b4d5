// A real database and a real engine in a temporary folder, for tests and measurements.
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Viewer } from "../../core/viewer.ts";
import type { Chunk } from "../../documents/documents.ts";
import { aclClasses, type Database, documents, openDatabase } from "../../store/store.ts";
import {
  type AclContent,
  type Attribute,
  canonicalAcl,
  createSearch,
  type Passage,
  type RetrieveQuery,
  type Search,
} from "../search.ts";

/** A document as tests write it: one text is one chunk. */
export type TestDocument = {
  readonly id: string;
  readonly title?: string;
  readonly texts: readonly string[];
  readonly headings?: readonly string[];
  readonly acl?: AclContent;
  readonly attributes?: readonly Attribute[];
};

/** A document that was chunked before. */
export type IndexableChunks = Pick<TestDocument, "id" | "title" | "acl" | "attributes"> & {
  readonly chunks: readonly Chunk[];
};

/** An engine over a fresh database. */
export type TestCollection = AsyncDisposable & {
  readonly db: Database;
  readonly search: Search;
  readonly indexId: string;
  /** Like `put`, for documents with chunks. */
  readonly putChunks: (
    batch: readonly IndexableChunks[],
    options?: { readonly failAtEnd?: Error },
  ) => Promise<readonly number[]>;
  /** Publishes documents as one batch; gives their keys in order. */
  readonly put: (
    batch: readonly TestDocument[],
    options?: { readonly failAtEnd?: Error },
  ) => Promise<readonly number[]>;
  /** Removes documents by id, here and in the document table. */
  readonly remove: (ids: readonly string[]) => Promise<void>;
  /** The ids of the documents of the passages, best first, each once. */
  readonly find: (text: string, options?: Partial<RetrieveQuery>) => Promise<readonly string[]>;
  readonly passages: (
    text: string,
    options?: Partial<RetrieveQuery>,
  ) => Promise<readonly Passage[]>;
  /** The id that a document was put with. */
  readonly idOf: (documentKey: number) => string;
};

const anonymous: Viewer = { kind: "anonymous" };
const at = new Date("2026-01-01T00:00:00Z");

/** Texts as chunks, one after the other. */
export function chunksOf(texts: readonly string[], headings: readonly string[] = []): Chunk[] {
  let offset = 0;
  return texts.map((text, ordinal) => {
    const beginOffset = offset;
    offset += text.length + 2;
    const endOffset = beginOffset + text.length;
    const tokens = Math.ceil(text.length / 4);
    return { ordinal, text, headingPath: headings, beginOffset, endOffset, tokens };
  });
}

/** Opens an engine; the folder goes when it is disposed of. */
export async function testCollection(
  options: { readonly threads?: number; readonly cacheBytesMax?: number } = {},
): Promise<TestCollection> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-search-"));
  const db = await openDatabase(join(folder, "quarry.db"));
  const search = createSearch({ db, threads: 1, ...options });
  return {
    ...collectionOn({ db, search }),
    async [Symbol.asyncDispose]() {
      await search[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

/** A collection of its own on an engine that others use as well: starting threads takes time. */
export function collectionOn(
  { db, search }: Pick<TestCollection, "db" | "search">,
  indexId: string = randomUUID(),
): Omit<TestCollection, typeof Symbol.asyncDispose> {
  const ids = new Map<number, string>();
  const passages: TestCollection["passages"] = async (text, query = {}) => {
    const asked = { indexId, viewer: anonymous, limit: 10, text, ...query };
    return (await search.retrieve(asked)).passages;
  };
  const putChunks: TestCollection["putChunks"] = async (batch, { failAtEnd } = {}) => {
    const accepted = await accept(db, indexId, batch);
    for (const [i, { id }] of batch.entries()) ids.set(accepted[i]?.key ?? 0, id);
    const prepared = await search.prepare(
      indexId,
      batch.map((document, i) => ({
        documentKey: accepted[i]?.key ?? 0,
        version: accepted[i]?.version ?? 0,
        aclClass: accepted[i]?.aclClass ?? 0,
        title: document.title ?? "",
        attributes: document.attributes ?? [],
        chunks: document.chunks,
      })),
    );
    await db.write(async (trx) => {
      for (const one of accepted) await documents.publish(trx, { ...one, ...published });
      await search.publish(trx, indexId, prepared);
      if (failAtEnd !== undefined) throw failAtEnd;
    });
    return accepted.map(({ key }) => key);
  };
  return {
    db,
    search,
    indexId,
    passages,
    putChunks,
    idOf: (key) => ids.get(key) ?? "",
    put: (batch, options) =>
      putChunks(
        batch.map(({ texts, headings, ...rest }) => ({
          ...rest,
          chunks: chunksOf(texts, headings),
        })),
        options,
      ),
    remove: async (wanted) => {
      const keys = [...ids].filter(([, id]) => wanted.includes(id)).map(([key]) => key);
      await db.write(async (trx) => {
        await documents.remove(trx, await documents.findMany(trx, keys));
        await search.remove(trx, indexId, keys);
      });
    },
    find: async (text, query) => {
      const found = await passages(text, query);
      return [...new Set(found.map(({ documentKey }) => ids.get(documentKey) ?? "?"))];
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

type Accepted = { readonly key: number; readonly version: number; readonly aclClass: number };

function accept(
  db: Database,
  indexId: string,
  batch: readonly Pick<TestDocument, "id" | "acl">[],
): Promise<readonly Accepted[]> {
  return db.write(async (trx) => {
    const accepted: Accepted[] = [];
    for (const { id, acl = "public" } of batch) {
      const row = await documents.accept(trx, {
        applicationId: "application",
        indexId,
        dataSourceId: "",
        documentId: id,
        title: "",
        objectKey: "",
        status: "RECEIVED",
        at,
      });
      const aclClass =
        acl === "public"
          ? aclClasses.publicAclClass
          : await aclClasses.intern(trx, canonicalAcl(acl));
      accepted.push({ ...row, aclClass });
    }
    return accepted;
  });
}
