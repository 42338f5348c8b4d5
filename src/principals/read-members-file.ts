import { Worker } from "node:worker_threads";
import type { MemberPiece } from "../store/store.ts";
import type { MembersThreadInput } from "./members-thread.ts";

/** Members ready to be stored, or why the file cannot be taken, in one sentence. */
export type MembersFile =
  | { readonly pieces: readonly MemberPiece[] }
  | { readonly problem: string };

const memoryMbMax = 1024;
const timeMsMax = 60_000;

/**
 * Reads a file of members, in a thread with limits of its own. A file that takes more memory or
 * time than any honest one is a problem of the file.
 */
export async function readMembersFile(
  input: MembersThreadInput,
  { signal }: { readonly signal: AbortSignal },
): Promise<MembersFile> {
  signal.throwIfAborted();
  // Built code lies beside this file as .js, sources as .ts.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const thread = new Worker(new URL(`./members-thread.${extension}`, import.meta.url), {
    workerData: input,
    // The parent's own flags (--test, --eval) are not for a thread.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMbMax },
  });
  const answer = Promise.withResolvers<MembersFile>();
  const refuse = (): void => answer.resolve({ problem: "The members file could not be read." });
  thread.once("message", (message: MembersFile) => answer.resolve(message));
  thread.once("error", refuse);
  thread.once("exit", refuse);
  const stop = (): void => answer.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(refuse, timeMsMax);
  try {
    return await answer.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    await thread.terminate();
  }
}
