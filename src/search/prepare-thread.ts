// A thread that counts words. It needs no database, and starts faster without one.
import { prepareDocuments } from "./prepare.ts";
import { serveJobs } from "./serve-jobs.ts";

serveJobs({
  run: async (request) => {
    if (request.kind !== "prepare") throw new Error(`No ${request.kind} in this thread.`);
    return prepareDocuments(request.documents);
  },
});
