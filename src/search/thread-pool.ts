// Search threads, started when there is work for them and ended when there has been none.
import { Worker } from "node:worker_threads";
import { DamagedIndexError } from "./damaged.ts";
import type {
  FromThread,
  MergePart,
  ThreadOptions,
  ThreadRequest,
  ThreadResults,
  ToThread,
} from "./thread-messages.ts";

/** How a pool behaves. */
export type PoolOptions = ThreadOptions & {
  readonly entry: "search-thread" | "prepare-thread";
  readonly threadsMax: number;
  /** Jobs that may wait; one more is refused at once. */
  readonly waitingMax: number;
  /** An idle thread ends after this; `undefined` keeps it and its memory of indices. */
  readonly idleMs?: number;
};

/** How one job is run. */
export type JobOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Takes parts of the result on the way; the thread goes on when it resolves. */
  readonly onPart?: (part: MergePart) => Promise<void>;
};

/** There is more work waiting than the pool takes. */
export class SearchOverloadedError extends Error {
  override readonly name = "SearchOverloadedError";
}

type Job = JobOptions & {
  readonly request: ThreadRequest;
  readonly cancelled: SharedArrayBuffer | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
};

type Thread = { readonly worker: Worker; job: Job | undefined; idle: NodeJS.Timeout | undefined };

/** Threads that take jobs in the order they come. */
export class ThreadPool implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #threads = new Set<Thread>();
  #waiting: Job[] = [];
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * Runs a job. Rejects with the signal's reason as soon as it is aborted.
   *
   * @throws SearchOverloadedError if too many jobs wait already.
   */
  run<R extends ThreadRequest>(
    request: R,
    options: JobOptions = {},
  ): Promise<ThreadResults[R["kind"]]> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { signal } = options;
    if (this.#isClosed) reject(new Error("The search is closed."));
    else if (signal?.aborted === true) reject(signal.reason);
    else if (this.#waiting.length >= this.#options.waitingMax) {
      reject(new SearchOverloadedError("Too many searches are waiting."));
    } else {
      const cancelled = signal && new SharedArrayBuffer(4);
      const job: Job = { ...options, request, cancelled, resolve, reject };
      const abort = (): void => {
        if (cancelled !== undefined) Atomics.store(new Int32Array(cancelled), 0, 1);
        this.#waiting = this.#waiting.filter((other) => other !== job);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      const forget = (): void => signal?.removeEventListener("abort", abort);
      void promise.then(forget, forget);
      this.#waiting.push(job);
      this.#assign();
    }
    return promise as Promise<ThreadResults[R["kind"]]>;
  }

  /** Ends all threads; jobs that were not done are rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const job of waiting) job.reject(new Error("The search is closed."));
    await Promise.all([...this.#threads].map((thread) => this.#end(thread)));
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const thread = [...this.#threads].find(({ job }) => job === undefined) ?? this.#start();
      const job = thread && this.#waiting.shift();
      if (thread === undefined || job === undefined) return;
      clearTimeout(thread.idle);
      thread.job = job;
      // Only a thread with work keeps the process alive.
      thread.worker.ref();
      const { request, cancelled } = job;
      const message: ToThread = { kind: "job", request, ...(cancelled && { cancelled }) };
      thread.worker.postMessage(message);
    }
  }

  #start(): Thread | undefined {
    if (this.#threads.size >= this.#options.threadsMax) return undefined;
    const { entry, path, cacheBytesMax } = this.#options;
    // Built code lies beside this file as .js, sources as .ts.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const worker = new Worker(new URL(`./${entry}.${extension}`, import.meta.url), {
      workerData: { path, cacheBytesMax },
      // The parent's own flags (--test, --eval) are not for a thread.
      execArgv: [],
      // Without limits a thread's garbage grows to hundreds of megabytes before it is collected.
      resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 1024 },
    });
    const thread: Thread = { worker, job: undefined, idle: undefined };
    this.#threads.add(thread);
    worker.on("message", (message: FromThread) => void this.#receive(thread, message));
    worker.on("error", (error) => this.#lose(thread, error));
    worker.on("exit", () => this.#lose(thread, new Error("A search thread has ended.")));
    return thread;
  }

  async #receive(thread: Thread, message: FromThread): Promise<void> {
    const { job } = thread;
    if (message.kind === "part") {
      try {
        await job?.onPart?.(message.part);
        thread.worker.postMessage({ kind: "go on" } satisfies ToThread);
      } catch (error) {
        // The thread waits for a word that will not come: it cannot be used any more.
        this.#lose(thread, error);
        await thread.worker.terminate();
      }
      return;
    }
    thread.job = undefined;
    thread.worker.unref();
    if (message.kind === "done") job?.resolve(message.result);
    else job?.reject(errorOf(message));
    const { idleMs } = this.#options;
    if (idleMs !== undefined) {
      thread.idle = setTimeout(() => void this.#end(thread), idleMs);
      thread.idle.unref();
    }
    this.#assign();
  }

  #lose(thread: Thread, error: unknown): void {
    clearTimeout(thread.idle);
    if (!this.#threads.delete(thread)) return;
    thread.job?.reject(error);
    thread.job = undefined;
    if (!this.#isClosed) this.#assign();
  }

  async #end(thread: Thread): Promise<void> {
    clearTimeout(thread.idle);
    const isBusy = thread.job !== undefined;
    this.#lose(thread, new Error("The search is closed."));
    const ended = new Promise((resolve) => thread.worker.once("exit", resolve));
    // A busy thread would answer only when it is done; it holds nothing that must be put in order.
    if (isBusy) await thread.worker.terminate();
    else thread.worker.postMessage({ kind: "close" } satisfies ToThread);
    await ended;
  }
}

function errorOf({ name, message }: { readonly name: string; readonly message: string }): Error {
  if (name === "DamagedIndexError") return new DamagedIndexError(message);
  const error = new Error(message);
  error.name = name;
  return error;
}
