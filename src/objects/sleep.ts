import { setTimeout } from "node:timers/promises";

/** Waits; ends early, by throwing, when the signal is raised. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, signal === undefined ? {} : { signal });
}
