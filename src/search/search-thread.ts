// A search thread: one job at a time, on a reading connection of its own.
import { parentPort, workerData } from "node:worker_threads";
import { openReader, type Readable, segments } from "../store/store.ts";
import { IndexReader } from "./index-reader.ts";
import { mergeSegments, openForMerge } from "./merge.ts";
import { prepareDocuments, rebuildBatch } from "./prepare.ts";
import { retrieve } from "./retrieve.ts";
import type {
  FromThread,
  MergePart,
  Merged,
  ThreadOptions,
  ThreadRequest,
  ToThread,
} from "./thread-messages.ts";

const port = parentPort;
if (port === null) throw new Error("search-thread.ts runs as a worker thread only");

const options = workerData as ThreadOptions;
const reader = new IndexReader(options.cacheBytesMax);
let connection: Readable | undefined;
let goOn: () => void = () => undefined;

function database(): Readable {
  connection ??= openReader(options.path);
  return connection;
}

function send(message: FromThread): void {
  port?.postMessage(message);
}

async function sendPart(part: MergePart): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  goOn = resolve;
  send({ kind: "part", part });
  await promise;
}

async function merge(indexId: string, ids: readonly number[]): Promise<Merged> {
  const db = database();
  const input = await segments.snapshot(db, (inner) =>
    openForMerge(reader, inner, { indexId, ids }),
  );
  const pagesOf = ({ id }: { readonly id: number }): ReturnType<IndexReader["pages"]> =>
    reader.pages(db, { indexId, id });
  const result = await mergeSegments({ segments: input.segments, pagesOf }, sendPart);
  return { ...result, sequence: input.sequence };
}

async function run(request: ThreadRequest, isCancelled: () => boolean): Promise<unknown> {
  switch (request.kind) {
    case "retrieve":
      return segments.snapshot(database(), (db) =>
        retrieve(reader, db, request.retrieve, isCancelled),
      );
    case "prepare":
      return prepareDocuments(request.documents);
    case "merge":
      return merge(request.indexId, request.ids);
    case "rebuild":
      return segments.snapshot(database(), (db) => rebuildBatch(db, request));
  }
}

async function answer({ request, cancelled }: Extract<ToThread, { kind: "job" }>): Promise<void> {
  const flag = cancelled && new Int32Array(cancelled);
  try {
    const result = await run(request, () => flag !== undefined && Atomics.load(flag, 0) === 1);
    send({ kind: "done", result });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    send({ kind: "failed", name, message });
  }
}

port.on("message", (message: ToThread) => {
  if (message.kind === "go on") goOn();
  else if (message.kind === "job") void answer(message);
  else void (connection?.destroy() ?? Promise.resolve()).then(() => port.close());
});
