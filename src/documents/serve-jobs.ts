import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import type { extractDocument } from "./extract.ts";
import { createFrameReader, encodeFrameHead } from "./frames.ts";
import { documentLimits } from "./limits.ts";
import { chunksPerMessage, parseJob } from "./messages.ts";
import type { Job, Reply } from "./messages.ts";
import { siblingModule } from "./sibling-module.ts";

/** The descriptor of the pipe to the pool. */
export const pipeDescriptor = 3;

/**
 * The loop of a child: takes documents from the pipe one after the other and answers chunks. Ends
 * when the pipe ends. A watchdog thread ends the process when it grows too large or its parent is
 * gone, also while a reader does not let go of the main thread.
 */
export function serveJobs(extract: typeof extractDocument): void {
  const memoryLimit = startWatchdog();
  const pipe = new Socket({ fd: pipeDescriptor, readable: true, writable: true });
  const send = (reply: Reply): void => void pipe.write(encodeFrameHead(reply));

  const run = async (job: Job, bytes: Buffer): Promise<void> => {
    Atomics.store(memoryLimit, 0, job.memoryMb);
    const result = await extract(bytes, job, (reader) => {
      // Told ahead, for who is killed cannot tell; that there is none goes without saying.
      if (reader.hasFallback === true) send({ kind: "reading", hasFallback: true });
    });
    const rssMb = Math.round(process.memoryUsage.rss() / 1_000_000);
    if (result.outcome !== "extracted") return send({ kind: "done", result, rssMb });
    // As few writes as there can be: each wakes the server.
    pipe.cork();
    for (let at = 0; at < result.chunks.length; at += chunksPerMessage) {
      send({ kind: "chunks", chunks: result.chunks.slice(at, at + chunksPerMessage) });
    }
    send({ kind: "done", result: { ...result, chunks: [] }, rssMb });
    pipe.uncork();
  };

  const read = createFrameReader(({ header, body }) => {
    // An error that no reader expected ends the process: nobody knows what it left behind.
    void run(parseJob(header), body);
  }, documentLimits.officeFileBytesMax);
  pipe.on("data", (piece: Buffer) => read(piece));
  pipe.on("end", () => process.exit(0));
  pipe.on("error", () => process.exit(0));
}

/** Starts the watchdog; the returned cell holds the limit of resident memory in megabytes. */
function startWatchdog(): Int32Array {
  const memoryLimit = new Int32Array(new SharedArrayBuffer(4));
  const watchdog = new Worker(siblingModule("./watchdog", import.meta.url), {
    workerData: { memoryLimit, parentId: process.ppid },
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
  });
  watchdog.unref();
  return memoryLimit;
}
