import { type Database, syncJobs } from "../../store/store.ts";
import { SyncStopped } from "./failure.ts";

/** How soon a request to stop is noticed. */
const pollMs = 200;

/** A signal that is raised when a job is asked to stop, and with the server's own. */
export type StopWatch = Disposable & {
  readonly signal: AbortSignal;
  /** Was it the request that raised it, and not the server's end? */
  readonly isRequested: () => boolean;
};

/**
 * Watches for a request to stop a job. Whatever it waits for (a slow object, a long listing, a
 * parser) is then ended at once, with `SyncStopped` as the reason.
 */
export function watchStop(db: Database, jobId: string, server: AbortSignal): StopWatch {
  const request = new AbortController();
  const look = async (): Promise<void> => {
    const job = await syncJobs.find(db.read, jobId);
    if (job === undefined || job.isStopRequested) request.abort(new SyncStopped());
  };
  // A look that fails is repeated: the job itself will meet the same trouble.
  const timer = setInterval(() => void look().catch(() => undefined), pollMs);
  timer.unref();
  return {
    signal: AbortSignal.any([server, request.signal]),
    isRequested: () => request.signal.aborted && !server.aborted,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
