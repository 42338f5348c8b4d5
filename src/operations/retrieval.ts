import type { Retrieve, Retrieved, SourcePassage } from "../chat/chat.ts";
import type { AttributeFilter } from "../contract/contract.ts";
import type { Viewer } from "../core/viewer.ts";
import { checkFilter, type Passage } from "../search/search.ts";
import { openDocument } from "../ingestion/ingestion.ts";
import { type Document, documents, resources } from "../store/store.ts";
import { apiError } from "../wire/wire.ts";
import { contentOf, unlocked } from "./application-content.ts";
import type { Call } from "./call.ts";
import type { Index, IndexRecord } from "./index-record.ts";
import type { RetrieverRecord } from "./retriever.ts";

/**
 * The index that answers an application's questions: that of its first retriever. Undefined where
 * nothing is connected; then no question finds anything, which is no error.
 */
export async function defaultIndex(call: Call, applicationId: string): Promise<Index | undefined> {
  const [retriever] = await resources.list<RetrieverRecord>(call.db.read, {
    accountId: call.caller.accountId,
    kind: "retriever",
    applicationId,
    limit: 1,
  });
  const indexId = retriever?.record.configuration.nativeIndexConfiguration?.indexId;
  return indexId === undefined ? undefined : activeIndex(call, indexId);
}

/** The index, unless it is gone or going. */
export async function activeIndex(call: Call, indexId: string): Promise<Index | undefined> {
  const index = await resources.find<IndexRecord>(call.db.read, "index", indexId);
  return index?.status === "ACTIVE" ? index : undefined;
}

/**
 * Checks an attribute filter against the fields of the index.
 *
 * @throws ValidationException naming `attributeFilter` and the attribute.
 */
export function checkedFilter(
  index: Index | undefined,
  filter: AttributeFilter | undefined,
): AttributeFilter | undefined {
  if (filter === undefined || index === undefined) return undefined;
  const types = new Map(index.record.attributes.map((field) => [field.name, field.type]));
  const issues = checkFilter(filter, (name) => types.get(name));
  if (issues.length === 0) return filter;
  throw apiError("ValidationException", {
    message: `The attribute filter is not valid: ${issues[0]?.message ?? ""}`,
    reason: "FIELD_VALIDATION_FAILED",
    fields: issues.map(({ path, message }) => ({
      name: path === "" ? "attributeFilter" : `attributeFilter.${path}`,
      message,
    })),
  });
}

/** Retrieval from one index, with what citations say of each passage's document. */
export function retrieveFor(
  call: Call,
  index: Index | undefined,
  filter: AttributeFilter | undefined,
): Retrieve {
  return async ({ text, viewer, limit }) => {
    if (index === undefined) return nothing;
    return retrievePassages(call, index, { text, viewer, limit, filter });
  };
}

const nothing: Retrieved = {
  passages: [],
  statistics: { chunks: 0, chunksWith: () => 0 },
};

/** Passages that the viewer may see, with their documents. */
export async function retrievePassages(
  call: Call,
  index: Index,
  query: {
    readonly text: string;
    readonly viewer: Viewer;
    readonly limit: number;
    readonly filter: AttributeFilter | undefined;
  },
): Promise<Retrieved & { readonly documents: ReadonlyMap<number, Document> }> {
  const { passages, statistics } = await unlocked(
    call.search.retrieve({ indexId: index.id, ...query, signal: call.signal }),
  );
  const cipher = await contentOf(call, index.applicationId);
  const keys = [...new Set(passages.map((passage) => passage.documentKey))];
  const found = await documents.findMany(call.db.read, keys);
  const byKey = new Map(found.map((document) => [document.key, openDocument(cipher, document)]));
  return {
    passages: passages.flatMap((passage) => {
      const document = byKey.get(passage.documentKey);
      // A version that was published since may have another title, and other readers.
      if (document?.publishedVersion !== passage.version) return [];
      return [sourcePassage(passage, document)];
    }),
    statistics,
    documents: byKey,
  };
}

function sourcePassage(passage: Passage, document: Document): SourcePassage {
  return {
    documentKey: String(passage.documentKey),
    ordinal: passage.ordinal,
    text: passage.text,
    headingPath: passage.headingPath,
    score: passage.score,
    source: {
      title: document.title,
      ...(document.uri === "" ? {} : { url: document.uri }),
      updatedAt: document.updatedAt,
      documentId: document.documentId,
      indexId: document.indexId,
      ...(document.dataSourceId === "" ? {} : { dataSourceId: document.dataSourceId }),
    },
  };
}
