/**
 * Turns the bytes of a document into chunks that can be indexed and cited: sniff, read, chunk.
 *
 * Words: a *block* is a piece of a document as its format has it (heading, paragraph, list, table,
 * code); a *chunk* is the stored piece of text made of blocks; the *extracted plain text* is all
 * blocks joined, and what a chunk's offsets count in.
 *
 * Documents come from anywhere, so reading happens in children that may be killed: use
 * `createExtractor`. Not for: recognising text in pictures, fetching documents, storing anything.
 */
export type { Block, Chunk } from "./block.ts";
export { kindOfExtension } from "./extension-kind.ts";
export type { DocumentHints, ExtractResult } from "./extract.ts";
export { createExtractor } from "./extractor.ts";
export type { DocumentSource, Extractor, ExtractorOptions } from "./extractor.ts";
export type { FailureCode } from "./failure.ts";
export { isNamedByChoice } from "./formats.ts";
export type { Format, OpenDocumentFormats } from "./formats.ts";
export { chunkLimits, documentLimits } from "./limits.ts";
export { sentences } from "./sentences.ts";
export type { Sentence } from "./sentences.ts";
export { countTokens } from "./tokens.ts";
