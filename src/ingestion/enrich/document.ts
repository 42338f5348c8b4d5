import { readFile, stat } from "node:fs/promises";
import type { Extractor, ExtractResult } from "../../documents/documents.ts";
import { type Copy, writeCopy } from "../content-store/copy.ts";
import type { ContentSource, ContentStore } from "../content-store/content-store.ts";
import type { Enrichment, FieldTypes, HookRule } from "./configuration.ts";
import { type CallHook, hookContentBytesMax, type HookStage } from "./hook.ts";
import { parseTextContent, textContent, withUpdates } from "./hook-message.ts";
import { plainTextOf } from "./text.ts";
import { type Enrichable, enrichInline, holds } from "./enrich.ts";

/**
 * What reading made of a document; `withoutContent` where an operation dropped the content,
 * `notEnriched` where a function failed, which may be different the next time.
 */
export type ReadResult =
  | ExtractResult
  | { readonly outcome: "withoutContent" }
  | { readonly outcome: "notEnriched"; readonly reason: string };

/** What a document is read with. */
export type ReadingRules = {
  /** Undefined where nobody configured one. */
  readonly enrichment: Enrichment | undefined;
  readonly fields: FieldTypes;
  readonly callHook: CallHook;
};

/** A document after reading. Its copy is written where its text was read. */
export type Reading<D> = {
  readonly document: D;
  readonly result: ReadResult;
  readonly copy?: Copy | undefined;
};

/** Where a document comes from, and what is known of its format. */
export type ReadingOptions = {
  readonly extractor: Extractor;
  readonly rules: ReadingRules;
  /** Where a copy goes; undefined where none is kept. */
  readonly contents: ContentStore | undefined;
  readonly source: ContentSource;
  readonly fileName: string;
  readonly contentType: string | undefined;
  readonly signal: AbortSignal;
};

/**
 * Enriches and extracts one document: inline operations, the function for files, the text, the
 * function for texts. Each stage sees what those before it changed ("How document enrichment
 * works", Amazon Q Business user guide). Without content there is nothing to call a function with.
 */
export async function readDocument<D extends Enrichable>(
  before: D,
  options: ReadingOptions,
): Promise<Reading<D>> {
  const { enrichment = {}, fields } = options.rules;
  const inline = enrichInline(before, enrichment.inlineConfigurations ?? [], fields);
  if (!inline.hasContent) {
    return { document: inline.document, result: { outcome: "withoutContent" } };
  }
  const { source } = options;
  const raw = await runHook("pre", inline.document, options, (max) => bytesOf(source, max));
  if ("reason" in raw) return notEnriched(raw);
  const changed = raw.content === undefined ? source : { bytes: raw.content };
  const result = await extract(options, changed, options);
  if (result.outcome !== "extracted") return { document: raw.document, result };
  const post = await runHook("post", raw.document, options, async () =>
    textContent(plainTextOf(result.chunks)),
  );
  if ("reason" in post) return notEnriched(post);
  const { document } = post;
  const indexed = post.content === undefined ? result : await readText(post.content, options);
  if (indexed.outcome !== "extracted") return { document, result: indexed };
  const isChanged = raw.content !== undefined || post.content !== undefined;
  const { contents } = options;
  if (contents === undefined) return { document, result: indexed };
  const copy = await writeCopy(contents, { ...options, result, indexed, isChanged });
  return { document, result: indexed, copy };
}

/** Cuts the text that the second function gave. */
async function readText(content: Uint8Array, options: ReadingOptions): Promise<ReadResult> {
  const text = parseTextContent(content);
  if (text === undefined) {
    const reason = "The post-extraction function answered with content that holds no text.";
    return { outcome: "notEnriched", reason };
  }
  const plain = { fileName: "text.txt", contentType: "PLAIN_TEXT" };
  return extract(options, { bytes: Buffer.from(text) }, plain);
}

function notEnriched<D>({
  document,
  reason,
}: {
  readonly document: D;
  readonly reason: string;
}): Reading<D> {
  return { document, result: { outcome: "notEnriched", reason } };
}

function extract(
  { extractor, signal }: ReadingOptions,
  source: ContentSource,
  hints: Pick<ReadingOptions, "fileName" | "contentType">,
): Promise<ExtractResult> {
  const { fileName, contentType = "" } = hints;
  const type = contentType === "" ? {} : { contentType };
  return extractor.extract({ ...source, fileName, signal, ...type });
}

type Hooked<D> = { readonly document: D } & (
  | { readonly content: Uint8Array | undefined }
  | { readonly reason: string }
);

/** Calls a stage's function where there is one and its condition holds. */
async function runHook<D extends Enrichable>(
  stage: HookStage,
  document: D,
  { rules, signal }: ReadingOptions,
  contentOf: (bytesMax: number) => Promise<Uint8Array | undefined>,
): Promise<Hooked<D>> {
  const { enrichment, fields, callHook } = rules;
  const hook: HookRule | undefined = enrichment?.[`${stage}ExtractionHookConfiguration`];
  const condition = hook?.invocationCondition;
  if (hook === undefined || (condition !== undefined && !holds(condition, document, fields))) {
    return { document, content: undefined };
  }
  const bytesMax = hookContentBytesMax(hook);
  const content = await contentOf(bytesMax);
  if (content === undefined) {
    const reason = `The document is larger than ${bytesMax} bytes, the most that the ${stage}-extraction function takes.`;
    return { document, reason };
  }
  const answer = await callHook(stage, hook, { document, content, fields, signal });
  if ("reason" in answer) return { document, reason: answer.reason };
  return { document: withUpdates(document, answer.updates), content: answer.content };
}

/** The bytes, unless they are too many to be handed over. */
async function bytesOf(source: ContentSource, bytesMax: number): Promise<Uint8Array | undefined> {
  if ("bytes" in source) return source.bytes;
  const { size } = await stat(source.path);
  return size > bytesMax ? undefined : readFile(source.path);
}
