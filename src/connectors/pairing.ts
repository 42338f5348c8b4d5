import { compareKeys, type ListedObject } from "../objects/objects.ts";
import { metadataKeyOf, metadataSuffix } from "./key-paths.ts";
import type { SkipReason } from "./scope.ts";

/** A listed object, what keeps it from being a document, and the metadata file that belongs to it. */
export type Paired = {
  readonly object: ListedObject;
  readonly skip?: SkipReason;
  readonly metadata?: ListedObject;
};

/** An entry of the combined listing: metadata files under the key they have beside documents. */
export type Entry =
  | { readonly kind: "object"; key: string; readonly object: ListedObject; skip?: SkipReason }
  | { readonly kind: "metadata"; readonly key: string; readonly object: ListedObject };

/** Objects that may wait for a metadata file further down the listing before it is looked for. */
export const waitingMax = 1000;

type Slot = { readonly paired: Paired; metadataKey: string | undefined; metadata?: ListedObject };

/**
 * Finds for each document its metadata file in the same, ordered listing. A file comes some time
 * after its document: `a`, `a!1`, `a!2`, …, `a.metadata.json`. Results keep the order of the
 * documents; when too many wait behind one, `find` asks for its file directly.
 */
export async function* pairWithMetadata(
  entries: AsyncIterable<readonly Entry[]>,
  find: (metadataKey: string) => Promise<ListedObject | undefined>,
  limits: { readonly waitingMax: number } = { waitingMax },
): AsyncGenerator<readonly Paired[]> {
  const slots: Slot[] = [];
  // Slots whose file may still come. Their keys are prefixes of the current key: 1,024 at most.
  let waiting: Slot[] = [];
  for await (const batch of entries) {
    const ready: Paired[] = [];
    for (const entry of batch) {
      if (waiting.length > 0) waiting = waiting.filter((slot) => settle(slot, entry));
      if (entry.kind === "object") {
        const slot = slotOf(entry);
        slots.push(slot);
        if (slot.metadataKey !== undefined) waiting.push(slot);
      }
      moveSettled(slots, ready);
      const first = slots[0];
      if (slots.length < limits.waitingMax || first?.metadataKey === undefined) continue;
      const metadata = await find(first.metadataKey);
      if (metadata !== undefined) first.metadata = metadata;
      first.metadataKey = undefined;
      moveSettled(slots, ready);
    }
    yield ready;
  }
  for (const slot of waiting) slot.metadataKey = undefined;
  const rest: Paired[] = [];
  moveSettled(slots, rest);
  yield rest;
}

function slotOf({ key, object, skip }: Extract<Entry, { kind: "object" }>): Slot {
  if (skip !== undefined) return { paired: { object, skip }, metadataKey: undefined };
  return { paired: { object }, metadataKey: metadataKeyOf(key, "") };
}

/** Moves the slots at the front that wait for nothing more. */
function moveSettled(slots: Slot[], ready: Paired[]): void {
  let count = 0;
  for (const { paired, metadata, metadataKey } of slots) {
    if (metadataKey !== undefined) break;
    ready.push(metadata === undefined ? paired : { ...paired, metadata });
    count += 1;
  }
  if (count > 0) slots.splice(0, count);
}

/** Ends the wait of a slot when its file, or a key behind it, has come. */
function settle(slot: Slot, entry: Entry): boolean {
  if (slot.metadataKey === undefined) return false;
  const order = compareKeys(slot.metadataKey, entry.key);
  if (order > 0) return true;
  if (order === 0 && entry.kind === "metadata") slot.metadata = entry.object;
  slot.metadataKey = undefined;
  return false;
}

/** Is this the key of a metadata file? */
export const isMetadataKey = (key: string): boolean => key.endsWith(metadataSuffix);
