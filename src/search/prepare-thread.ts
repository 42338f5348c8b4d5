// A thread that counts words. It needs no database, and starts faster without one.
import { giveWayAsThread } from "../core/give-way.ts";
import { prepareDocuments } from "./prepare.ts";
import { serveJobs } from "./serve-jobs.ts";

// The threads that answer questions come first.
giveWayAsThread();
serveJobs({
  run: async (request, { giveAway }) => {
    if (request.kind !== "prepare") throw new Error(`No ${request.kind} in this thread.`);
    const prepared = await prepareDocuments(request.documents);
    giveAway(prepared.segment.blobs);
    return prepared;
  },
});
