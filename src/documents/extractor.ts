import { open } from "node:fs/promises";
import type { Ended } from "./answer.ts";
import type { Content } from "./child.ts";
import type { DocumentHints, ExtractResult } from "./extract.ts";
import type { FailureCode } from "./failure.ts";
import type { OpenDocumentFormats } from "./formats.ts";
import { documentLimits, megabyte } from "./limits.ts";
import { siblingModule } from "./sibling-module.ts";
import { createSlots } from "./slots.ts";
import type { Slot } from "./slots.ts";

/** A document to read: its bytes, or a file that is streamed to the child. */
export type DocumentSource = DocumentHints & { readonly signal?: AbortSignal } & (
    | { readonly bytes: Uint8Array }
    | { readonly path: string }
  );

/** A pool of processes that read documents nobody vouches for. */
export type Extractor = {
  /** Reads one document. Never rejects for what is in the document; waits for a free process. */
  readonly extract: (source: DocumentSource) => Promise<ExtractResult>;
  /** What it does with OpenDocument files. */
  readonly openDocumentFormats: OpenDocumentFormats;
  /** Ids of the processes that run now. */
  readonly processIds: () => readonly number[];
  /** Ends all processes; documents still being read fail as aborted. */
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** Limits of the pool. Sizes are decimal megabytes. */
export type ExtractorOptions = {
  /** Processes that may run at once; they start when they are needed. */
  readonly processes: number;
  /** Whether OpenDocument files are read; the service skips them, and so does the pool by default. */
  readonly openDocumentFormats?: OpenDocumentFormats;
  /** Resident memory of a process on top of twice the document's size. */
  readonly memoryMb?: number;
  /** Time for a document of that many bytes. */
  readonly timeoutMs?: (sizeBytes: number) => number;
  /** Documents after which a process is replaced. */
  readonly documentsPerProcess?: number;
  /** An idle process ends after this time. */
  readonly idleMs?: number;
  /** The module that children run; tests hand in others. */
  readonly childModule?: URL;
};

const defaults = {
  openDocumentFormats: "skip" as const,
  memoryMb: 768,
  timeoutMs: (sizeBytes: number) => 30_000 + sizeBytes / 1000,
  documentsPerProcess: 5000,
  idleMs: 60_000,
};

/** Creates the pool. Nothing starts before the first document. */
export function createExtractor(options: ExtractorOptions): Extractor {
  const settings = {
    ...defaults,
    childModule: siblingModule("./extract-worker", import.meta.url),
    ...options,
  };
  const slots = createSlots(settings);
  let isClosing = false;

  const attempt = async (
    slot: Slot,
    source: DocumentSource,
    isFallback: boolean,
  ): Promise<Ended> => {
    await using content = await contentOf(source);
    if (content === undefined) return { how: "killed", code: "unreadable", hasFallback: false };
    // From here on `close` finds the child and ends it.
    if (isClosing) return { how: "killed", code: "aborted", hasFallback: false };
    const { sizeBytes } = content;
    const child = slots.childOf(slot);
    const ended = await child.run(
      {
        fileName: source.fileName,
        ...(source.contentType === undefined ? {} : { contentType: source.contentType }),
        isFallback,
        openDocumentFormats: settings.openDocumentFormats,
        memoryMb: Math.round(settings.memoryMb + (2 * sizeBytes) / 1_000_000),
      },
      content,
      { timeoutMs: settings.timeoutMs(sizeBytes), signal: source.signal },
    );
    // A child that has grown is replaced, so that its memory returns.
    const isFull = ended.how === "answered" && ended.rssMb > settings.memoryMb / 2;
    if (isFull || slot.documents >= settings.documentsPerProcess) await child.end();
    return ended;
  };

  const extract = async (source: DocumentSource): Promise<ExtractResult> => {
    const refused = await refuseAtOnce(source);
    if (refused !== undefined) return refused;
    const slot = await slots.take();
    try {
      if (isClosing || source.signal?.aborted === true) return failed("aborted");
      let ended = await attempt(slot, source, false);
      if (ended.how === "killed" && ended.hasFallback && isWorthRetry(ended.code)) {
        ended = await attempt(slot, source, true);
      }
      return ended.how === "answered" ? ended.result : failed(ended.code);
    } finally {
      slots.release(slot);
    }
  };

  const close = async (): Promise<void> => {
    isClosing = true;
    await slots.end();
  };

  const { openDocumentFormats } = settings;
  const { processIds } = slots;
  return { extract, openDocumentFormats, processIds, close, [Symbol.asyncDispose]: close };
}

function isWorthRetry(code: FailureCode): boolean {
  return code === "timeout" || code === "memory" || code === "crashed";
}

/** Opens the content anew for each attempt; `undefined` when that is not possible. */
async function contentOf(source: DocumentSource): Promise<(Content & AsyncDisposable) | undefined> {
  if ("bytes" in source) {
    const release = (): Promise<void> => Promise.resolve();
    return { sizeBytes: source.bytes.length, source: source.bytes, [Symbol.asyncDispose]: release };
  }
  try {
    const file = await open(source.path);
    const { size } = await file.stat();
    return {
      sizeBytes: size,
      source: file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 }),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch {
    // It was there a moment ago; why it went does not matter to the document's owner.
    return undefined;
  }
}

/** Judges what needs no child: files that cannot be opened, are empty or far too large. */
async function refuseAtOnce(source: DocumentSource): Promise<ExtractResult | undefined> {
  if ("bytes" in source) return refuseSize(source.bytes.length);
  try {
    await using file = await open(source.path);
    return refuseSize((await file.stat()).size);
  } catch {
    return failed("unreadable");
  }
}

function refuseSize(sizeBytes: number): ExtractResult | undefined {
  if (sizeBytes === 0) return failed("empty");
  return sizeBytes > documentLimits.officeFileBytesMax ? failed("tooLarge") : undefined;
}

const reasons: Readonly<Partial<Record<FailureCode, string>>> = {
  timeout: "Reading the document took too long. Split it or save it in a simpler format.",
  memory: "Reading the document took too much memory. Split it or save it in a simpler format.",
  crashed: "The document made its reader fail. Save it again or in another format.",
  aborted: "Reading was stopped before it was done.",
  unreadable: "The file could not be opened or changed while it was read. Add it again.",
  empty: "The file is empty.",
  tooLarge: `The file is larger than ${documentLimits.officeFileBytesMax / megabyte} MB. Split it.`,
};

function failed(code: FailureCode): ExtractResult {
  return { outcome: "failed", code, reason: reasons[code] ?? "The document could not be read." };
}
