import { open } from "node:fs/promises";
import { startChild } from "./child.ts";
import type { Child, Content, Ended } from "./child.ts";
import type { DocumentHints, ExtractResult } from "./extract.ts";
import type { FailureCode } from "./failure.ts";
import { documentLimits } from "./limits.ts";
import { siblingModule } from "./sibling-module.ts";

/** A document to read: its bytes, or a file that is streamed to the child. */
export type DocumentSource = DocumentHints & { readonly signal?: AbortSignal } & (
    | { readonly bytes: Uint8Array }
    | { readonly path: string }
  );

/** A pool of processes that read documents nobody vouches for. */
export type Extractor = {
  /** Reads one document. Never rejects for what is in the document; waits for a free process. */
  readonly extract: (source: DocumentSource) => Promise<ExtractResult>;
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

type Slot = { child: Child | undefined; documents: number; idleTimer: NodeJS.Timeout | undefined };

const defaults = {
  memoryMb: 768,
  timeoutMs: (sizeBytes: number) => 30_000 + sizeBytes / 1000,
  documentsPerProcess: 5000,
  idleMs: 60_000,
};
/** The share of the memory limit that V8's heap may take; the rest is for bytes outside of it. */
const heapShare = 0.8;

/** Creates the pool. Nothing starts before the first document. */
export function createExtractor(options: ExtractorOptions): Extractor {
  const settings = {
    ...defaults,
    childModule: siblingModule("./extract-worker", import.meta.url),
    ...options,
  };
  const slots: Slot[] = Array.from({ length: settings.processes }, () => ({
    child: undefined,
    documents: 0,
    idleTimer: undefined,
  }));
  const free = [...slots];
  const waiting: ((slot: Slot) => void)[] = [];
  const closing = new AbortController();

  const take = async (): Promise<Slot> => {
    const slot = free.pop() ?? (await new Promise<Slot>((resolve) => waiting.push(resolve)));
    clearTimeout(slot.idleTimer);
    return slot;
  };
  const release = (slot: Slot): void => {
    const next = waiting.shift();
    if (next !== undefined) return next(slot);
    free.push(slot);
    slot.idleTimer = setTimeout(() => void slot.child?.end(), settings.idleMs);
    slot.idleTimer.unref();
  };

  const attempt = async (
    slot: Slot,
    source: DocumentSource,
    isFallback: boolean,
  ): Promise<Ended> => {
    await using content = await contentOf(source);
    const { sizeBytes } = content;
    if (slot.child?.isUsable() !== true) {
      slot.child = startChild(settings.childModule, Math.round(settings.memoryMb * heapShare));
      slot.documents = 0;
    }
    slot.documents += 1;
    const ended = await slot.child.run(
      {
        fileName: source.fileName,
        ...(source.contentType === undefined ? {} : { contentType: source.contentType }),
        isFallback,
        memoryMb: Math.round(settings.memoryMb + (2 * sizeBytes) / 1_000_000),
      },
      content,
      {
        timeoutMs: settings.timeoutMs(sizeBytes),
        signal: anySignal(closing.signal, source.signal),
      },
    );
    const isFull = ended.how === "answered" && ended.rssMb > settings.memoryMb / 2;
    if (isFull || slot.documents >= settings.documentsPerProcess) await slot.child.end();
    return ended;
  };

  const extract = async (source: DocumentSource): Promise<ExtractResult> => {
    const refused = await refuseAtOnce(source);
    if (refused !== undefined) return refused;
    const slot = await take();
    try {
      if (closing.signal.aborted || source.signal?.aborted === true) return failed("aborted");
      let ended = await attempt(slot, source, false);
      if (ended.how === "killed" && ended.hasFallback && isWorthRetry(ended.code)) {
        ended = await attempt(slot, source, true);
      }
      return ended.how === "answered" ? ended.result : failed(ended.code);
    } finally {
      release(slot);
    }
  };

  const close = async (): Promise<void> => {
    closing.abort();
    await Promise.all(slots.map(async (slot) => slot.child?.end()));
  };

  return {
    extract,
    processIds: () =>
      slots.flatMap(({ child }) =>
        child?.isUsable() === true && child.processId !== undefined ? [child.processId] : [],
      ),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isWorthRetry(code: FailureCode): boolean {
  return code === "timeout" || code === "memory" || code === "crashed";
}

function anySignal(first: AbortSignal, second: AbortSignal | undefined): AbortSignal {
  return second === undefined ? first : AbortSignal.any([first, second]);
}

/** Opens the content anew for each attempt. */
async function contentOf(source: DocumentSource): Promise<Content & AsyncDisposable> {
  if ("bytes" in source) {
    const release = (): Promise<void> => Promise.resolve();
    return { sizeBytes: source.bytes.length, source: source.bytes, [Symbol.asyncDispose]: release };
  }
  const file = await open(source.path);
  const { size } = await file.stat();
  return {
    sizeBytes: size,
    source: file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 }),
    [Symbol.asyncDispose]: () => file.close(),
  };
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
  tooLarge: `The file is larger than ${documentLimits.officeFileBytesMax / 1_000_000} MB. Split it.`,
};

function failed(code: FailureCode): ExtractResult {
  return { outcome: "failed", code, reason: reasons[code] ?? "The document could not be read." };
}
