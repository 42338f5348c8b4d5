// A thread that reads indices, on a reading connection of its own.
import { workerData } from "node:worker_threads";
import { contentCipher } from "../core/content-cipher.ts";
import { openReader, segments } from "../store/store.ts";
import { IndexReader, openApart, pagesApart } from "./index-reader.ts";
import { mergeSegments } from "./merge.ts";
import { rebuildBatch } from "./rebuild.ts";
import { retrieve } from "./retrieve.ts";
import { type JobContext, serveJobs } from "./serve-jobs.ts";
import type { Merged, ThreadOptions, ThreadRequest } from "./thread-messages.ts";

const { path, cacheBytesMax } = workerData as ThreadOptions;
const db = openReader(path);
const reader = new IndexReader(cacheBytesMax);

async function merge(
  { indexId, ids, keys }: Extract<ThreadRequest, { kind: "merge" }>,
  { sendPart, giveAway }: JobContext,
): Promise<Merged> {
  const cipher = contentCipher(keys);
  const input = await segments.snapshot(db, (inner) => openApart(inner, { indexId, ids, cipher }));
  // Outside of the snapshot: segments never change, and a long read would hold up the log.
  const pagesOf = ({ id }: { readonly id: number }): ReturnType<typeof pagesApart> =>
    pagesApart(db, { indexId, id }, cipher);
  const result = await mergeSegments({ segments: input.segments, pagesOf }, sendPart);
  giveAway([result.head]);
  return { ...result, sequence: input.sequence };
}

serveJobs({
  run: async (request, context) => {
    switch (request.kind) {
      case "warm up":
        await segments.state(db, "");
        return undefined;
      case "retrieve":
        return segments.snapshot(db, (inner) =>
          retrieve(
            { reader, db: inner, cipher: contentCipher(request.keys) },
            request.retrieve,
            context.isCancelled,
          ),
        );
      case "merge":
        return merge(request, context);
      case "rebuild":
        return segments.snapshot(db, (inner) =>
          rebuildBatch(inner, request, contentCipher(request.keys)),
        );
      case "prepare":
        throw new Error("Documents are prepared in threads of their own.");
    }
  },
  close: () => db.destroy(),
});
