// A thread that counts words. It needs no database, and starts faster without one.
import { giveWayAsThread } from "../core/give-way.ts";
import { prepareDocuments } from "./prepare.ts";
import { serveJobs } from "./serve-jobs.ts";

// The threads that answer questions come first.
giveWayAsThread();
serveJobs({
  run: async (request) => {
    if (request.kind !== "prepare") throw new Error(`No ${request.kind} in this thread.`);
    return prepareDocuments(request.documents);
  },
});
