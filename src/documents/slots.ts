import { startChild } from "./child.ts";
import type { Child } from "./child.ts";

/** A place for one child, which comes and goes. */
export type Slot = {
  child: Child | undefined;
  /** Documents the child was given. */
  documents: number;
  idleTimer: NodeJS.Timeout | undefined;
};

/** The places of a pool; whoever takes one has it alone until the release. */
export type Slots = {
  /** Waits, first come first served, until a place is free. */
  readonly take: () => Promise<Slot>;
  readonly release: (slot: Slot) => void;
  /** The place's child for one more document, started when there is none. */
  readonly childOf: (slot: Slot) => Child;
  readonly processIds: () => readonly number[];
  readonly end: () => Promise<void>;
};

/** The share of the memory limit that V8's heap may take; the rest is for bytes outside of it. */
const heapShare = 0.8;

/** Creates empty places. */
export function createSlots(settings: {
  readonly processes: number;
  readonly memoryMb: number;
  readonly idleMs: number;
  readonly childModule: URL;
}): Slots {
  const slots: Slot[] = Array.from({ length: settings.processes }, () => ({
    child: undefined,
    documents: 0,
    idleTimer: undefined,
  }));
  const free = [...slots];
  const waiting: ((slot: Slot) => void)[] = [];

  return {
    async take() {
      const slot = free.pop() ?? (await new Promise<Slot>((resolve) => waiting.push(resolve)));
      clearTimeout(slot.idleTimer);
      return slot;
    },
    release(slot) {
      const next = waiting.shift();
      if (next !== undefined) return next(slot);
      free.push(slot);
      slot.idleTimer = setTimeout(() => void slot.child?.end(), settings.idleMs);
      slot.idleTimer.unref();
    },
    childOf(slot) {
      if (slot.child?.isUsable() !== true) {
        slot.child = startChild(settings.childModule, Math.round(settings.memoryMb * heapShare));
        slot.documents = 0;
      }
      slot.documents += 1;
      return slot.child;
    },
    processIds: () =>
      slots.flatMap(({ child }) =>
        child?.isUsable() === true && child.processId !== undefined ? [child.processId] : [],
      ),
    async end() {
      for (const slot of slots) clearTimeout(slot.idleTimer);
      await Promise.all(slots.map(async (slot) => slot.child?.end()));
    },
  };
}
