import type { Chunk } from "./block.ts";
import type { DocumentHints, ExtractResult, ReadingChoices } from "./extract.ts";

/** What the pool sends ahead of a document's bytes. */
export type Job = DocumentHints & Required<ReadingChoices> & { readonly memoryMb: number };

/** What a child answers: the reader's second way if any, chunks in portions, then the rest. */
export type Reply =
  | { readonly kind: "reading"; readonly hasFallback: boolean }
  | { readonly kind: "chunks"; readonly chunks: readonly Chunk[] }
  | { readonly kind: "done"; readonly result: ExtractResult; readonly rssMb: number };

/** How many chunks travel in one message, so that no message blocks the event loop for long. */
export const chunksPerMessage = 128;

/** Checks what came from a child; throws on anything that is no reply. */
export function parseReply(value: unknown): Reply {
  if (isRecord(value)) {
    if (value["kind"] === "reading" && typeof value["hasFallback"] === "boolean") {
      return { kind: "reading", hasFallback: value["hasFallback"] };
    }
    if (value["kind"] === "chunks" && isChunks(value["chunks"])) {
      return { kind: "chunks", chunks: value["chunks"] };
    }
    const { result, rssMb } = value;
    if (value["kind"] === "done" && typeof rssMb === "number" && isResult(result)) {
      return { kind: "done", result, rssMb };
    }
  }
  throw new TypeError("the child sent something that is no reply");
}

/** Checks what came from the pool. */
export function parseJob(value: unknown): Job {
  if (!isRecord(value)) throw new TypeError("a job is an object");
  const { fileName, contentType, isFallback, memoryMb } = value;
  const openDocumentFormats = value["openDocumentFormats"] === "read" ? "read" : "skip";
  if (typeof fileName !== "string" || typeof isFallback !== "boolean")
    throw new TypeError("no job");
  if (typeof memoryMb !== "number") throw new TypeError("a job has a memory limit");
  const type = typeof contentType === "string" ? { contentType } : {};
  return { fileName, isFallback, openDocumentFormats, memoryMb, ...type };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isChunks(value: unknown): value is readonly Chunk[] {
  return Array.isArray(value) && value.every(isChunk);
}

function isChunk(value: unknown): value is Chunk {
  return (
    isRecord(value) &&
    typeof value["text"] === "string" &&
    Array.isArray(value["headingPath"]) &&
    value["headingPath"].every((heading) => typeof heading === "string") &&
    ["ordinal", "beginOffset", "endOffset", "tokens"].every((key) =>
      Number.isInteger(value[key]),
    ) &&
    (value["page"] === undefined || Number.isInteger(value["page"]))
  );
}

function isResult(value: unknown): value is ExtractResult {
  if (!isRecord(value)) return false;
  if (value["outcome"] === "extracted") {
    return (
      isChunks(value["chunks"]) &&
      typeof value["textBytes"] === "number" &&
      isTexts(value["warnings"])
    );
  }
  if (typeof value["reason"] !== "string") return false;
  return (
    value["outcome"] === "unsupported" ||
    (value["outcome"] === "failed" && typeof value["code"] === "string")
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
