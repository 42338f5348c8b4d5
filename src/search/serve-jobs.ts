// The thread's side of the thread pool: takes one job at a time and answers it.
import { parentPort } from "node:worker_threads";
import type { CheckedBlob } from "./segment-builder.ts";
import type { FromThread, MergePart, ThreadRequest, ToThread } from "./thread-messages.ts";

/** What a job may use while it runs. */
export type JobContext = {
  /** Whether nobody waits for the answer any more. */
  readonly isCancelled: () => boolean;
  /**
   * Sends a part of the result ahead, and its memory with it; resolves when it has been dealt with.
   */
  readonly sendPart: (part: MergePart) => Promise<void>;
  /** Has the memory of blobs go along with the result; nothing here may look at them again. */
  readonly giveAway: (blobs: readonly CheckedBlob[]) => void;
};

/** Serves the pool that started this thread. */
export function serveJobs(options: {
  readonly run: (request: ThreadRequest, context: JobContext) => Promise<unknown>;
  readonly close?: () => Promise<void>;
}): void {
  const port = parentPort;
  if (port === null) throw new Error("This file runs as a worker thread only.");
  let goOn: () => void = () => undefined;
  const send = (message: FromThread, given: readonly CheckedBlob[] = []): void =>
    port.postMessage(message, given.flatMap(wholeBuffer));
  const sendPart = async (part: MergePart): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    goOn = resolve;
    send({ kind: "part", part }, part);
    await promise;
  };
  const answer = async (job: Extract<ToThread, { kind: "job" }>): Promise<void> => {
    const flag = job.cancelled && new Int32Array(job.cancelled);
    const isCancelled = (): boolean => flag !== undefined && Atomics.load(flag, 0) === 1;
    const given: CheckedBlob[] = [];
    const giveAway = (blobs: readonly CheckedBlob[]): void => void given.push(...blobs);
    try {
      const result = await options.run(job.request, { isCancelled, sendPart, giveAway });
      send({ kind: "done", result }, given);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      send({ kind: "failed", name, message });
    }
  };
  port.on("message", (message: ToThread) => {
    if (message.kind === "go on") goOn();
    else if (message.kind === "job") void answer(message);
    else void (options.close?.() ?? Promise.resolve()).then(() => port.close());
  });
}

/** A blob's buffer, if nothing else is in it; otherwise the blob is copied. */
function wholeBuffer({ data }: CheckedBlob): readonly ArrayBuffer[] {
  const { buffer } = data;
  return buffer instanceof ArrayBuffer && buffer.byteLength === data.byteLength ? [buffer] : [];
}
