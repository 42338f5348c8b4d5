import { getPriority, platform, setPriority } from "node:os";

/** Steps of niceness. A machine that is full to the brim still gives such work a third of a turn. */
const niceness = 5;
const nicenessMax = 19;

/** Has a process of ours make way for the ones that people wait for. */
export function giveWay(processId: number | undefined): void {
  if (processId !== undefined) lower(processId);
}

/** Has this thread make way for the others of the process, where threads have priorities. */
export function giveWayAsThread(): void {
  // Elsewhere 0 stands for the whole process.
  if (platform() === "linux") lower(0);
}

function lower(id: number): void {
  try {
    setPriority(id, Math.min(nicenessMax, getPriority() + niceness));
  } catch {
    // It has ended, or the system does not allow it: it is as urgent as the rest then.
  }
}
