import { plainText } from "./block.ts";
import type { Chunk, Extraction } from "./block.ts";
import { chunkBlocks } from "./chunk.ts";
import { DocumentFailure } from "./failure.ts";
import type { FailureCode } from "./failure.ts";
import { formats, listedFormat } from "./formats.ts";
import type { Format, OpenDocumentFormats } from "./formats.ts";
import { documentLimits, megabyte } from "./limits.ts";
import { readers } from "./readers.ts";
import type { Reader } from "./readers.ts";
import { sniff } from "./sniff.ts";

/** A document turned into chunks, or why not. `reason` is a sentence for the document's owner. */
export type ExtractResult =
  | {
      readonly outcome: "extracted";
      readonly format: Format;
      /** What the document calls itself. */
      readonly title?: string;
      readonly chunks: readonly Chunk[];
      /** UTF-8 bytes of the extracted plain text. */
      readonly textBytes: number;
      readonly pages?: number;
      readonly warnings: readonly string[];
    }
  | {
      readonly outcome: "failed";
      readonly code: FailureCode;
      readonly reason: string;
      readonly format?: Format;
    }
  | { readonly outcome: "unsupported"; readonly reason: string };

/** What is known of a document before it is opened. */
export type DocumentHints = {
  /** Name or key; only its extension counts. */
  readonly fileName: string;
  /** `contentType` of BatchPutDocument. */
  readonly contentType?: string;
};

/** How a document is to be read, whatever it is. */
export type ReadingChoices = {
  /** Read in the reader's other way, if it has one. */
  readonly isFallback?: boolean;
  /** Left out, OpenDocument files are skipped. */
  readonly openDocumentFormats?: OpenDocumentFormats;
};

/**
 * Sniffs, reads and chunks one document in this process. For bytes nobody vouches for, use
 * `createExtractor`, which does this in a child that may be killed. `onReader` is told which reader
 * takes the document before it starts.
 */
export async function extractDocument(
  bytes: Buffer,
  hints: DocumentHints & ReadingChoices,
  onReader: (reader: Reader) => void = () => undefined,
): Promise<ExtractResult> {
  if (bytes.length === 0) return { outcome: "failed", code: "empty", reason: "The file is empty." };
  const sniffed = sniff(bytes, hints);
  if (sniffed.outcome !== "known") return sniffed;
  const { format } = sniffed;
  const reader = readers[format];
  onReader(reader);
  try {
    checkFileSize(bytes.length, format);
    return toResult(await reader.read(bytes, hints.isFallback === true), format);
  } catch (error) {
    if (!(error instanceof DocumentFailure)) throw error;
    return { outcome: "failed", code: error.code, reason: error.message, format };
  }
}

/** The largest file of a format. Source: user guide, "Supported document formats". */
export function fileBytesMax(format: Format): number {
  const { contentType } = formats[listedFormat(format)];
  const isOffice = contentType === "PDF" || contentType === "MS_WORD" || contentType === "PPT";
  return isOffice ? documentLimits.officeFileBytesMax : documentLimits.otherFileBytesMax;
}

function checkFileSize(sizeBytes: number, format: Format): void {
  const limit = fileBytesMax(format);
  if (sizeBytes <= limit) return;
  const reason = `The file has ${megabytes(sizeBytes)}; the limit for ${formats[format].label} is ${megabytes(limit)}. Split it.`;
  throw new DocumentFailure("tooLarge", reason);
}

function toResult(extraction: Extraction, format: Format): ExtractResult {
  const text = plainText(extraction.blocks);
  const textBytes = Buffer.byteLength(text);
  const isTable = ["csv", "xlsx", "xls"].includes(listedFormat(format));
  const limit = isTable ? documentLimits.tableTextBytesMax : documentLimits.textBytesMax;
  if (textBytes > limit) {
    const reason = `The document holds ${megabytes(textBytes)} of text; the limit is ${megabytes(limit)}. Split it.`;
    throw new DocumentFailure("tooLarge", reason);
  }
  // A document of brackets and blanks holds nothing that could be found.
  if (!/[\p{L}\p{N}\p{So}]/u.test(text)) throw new DocumentFailure("empty", emptyReason(format));
  return {
    outcome: "extracted",
    format,
    ...(extraction.title === undefined ? {} : { title: extraction.title }),
    chunks: chunkBlocks(extraction.blocks, text),
    textBytes,
    ...(extraction.pages === undefined ? {} : { pages: extraction.pages }),
    warnings: extraction.warnings,
  };
}

function emptyReason(format: Format): string {
  if (format !== "pdf") return "The document holds no text.";
  return "The PDF holds no text, only pictures of it. Run text recognition (OCR) on it first.";
}

function megabytes(bytes: number): string {
  // Upwards: what is a byte too large must not read as if it were the limit itself.
  return `${(Math.ceil((10 * bytes) / megabyte) / 10).toFixed(1)} MB`;
}
