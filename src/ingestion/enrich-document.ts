import type { Extractor, ExtractResult } from "../documents/documents.ts";
import type { Enrichment, FieldTypes } from "./enrich-configuration.ts";
import { type Enrichable, enrichInline } from "./enrich.ts";

/** What reading made of a document; `withoutContent` where an operation dropped the content. */
export type ReadResult = ExtractResult | { readonly outcome: "withoutContent" };

/** What a document is read with. */
export type ReadingRules = {
  /** Undefined where nobody configured one. */
  readonly enrichment: Enrichment | undefined;
  readonly fields: FieldTypes;
};

/** A document after reading. */
export type Reading<D> = { readonly document: D; readonly result: ReadResult };

/** A document's bytes, or a file with them. */
export type ContentSource = { readonly bytes: Uint8Array } | { readonly path: string };

/**
 * Enriches and extracts one document: inline operations, then the text. Each stage sees what those
 * before it changed ("How document enrichment works", Amazon Q Business user guide).
 */
export async function readDocument<D extends Enrichable>(
  extractor: Extractor,
  document: D,
  {
    rules: { enrichment, fields },
    ...reading
  }: {
    readonly rules: ReadingRules;
    readonly source: ContentSource;
    readonly fileName: string;
    readonly contentType: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Reading<D>> {
  const inline = enrichInline(document, enrichment?.inlineConfigurations ?? [], fields);
  if (!inline.hasContent) {
    return { document: inline.document, result: { outcome: "withoutContent" } };
  }
  const { source, contentType, ...hints } = reading;
  const type = contentType === undefined || contentType === "" ? {} : { contentType };
  const result = await extractor.extract({ ...source, ...hints, ...type });
  return { document: inline.document, result };
}
