// Entry point of a child process of the pool in `extractor.ts`.
import { extractDocument } from "./extract.ts";
import { serveJobs } from "./serve-jobs.ts";

serveJobs(extractDocument);
