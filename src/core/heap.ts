import { setFlagsFromString } from "node:v8";

/** How far a heap may grow beyond what was alive in it before its garbage is collected. */
const growingPercent = 40;

/**
 * Has heaps of this process, and of its threads, collected before they are several times as large as
 * what is alive in them. V8 takes what the machine has: on one with much memory a sync of many
 * documents would look as if it kept something of each. What is alive during a sync is some 40 MB, so
 * that this costs one short collection in half a minute.
 */
export function keepHeapsSmall(): void {
  // V8 reads this one at the end of each collection, so it may be set while it runs.
  setFlagsFromString(`--heap-growing-percent=${growingPercent}`);
}
