import { type Tag, tags as tagStore, type WriteTransaction } from "../store/store.ts";
import type { Call } from "./call.ts";
import { invalid } from "./not-found.ts";

const keysReserved = /^aws:/i;

/**
 * Checks tags that a call brings ("Tagging resources", user guide: at most 50 on a resource, keys
 * that start with `aws:` are reserved, keys are told apart by case).
 *
 * @throws ValidationException naming `tags`.
 */
export function checkTags(call: Call, tags: readonly Tag[] | undefined): void {
  for (const { key } of tags ?? []) {
    if (keysReserved.test(key)) {
      throw invalid("tags", `Tag key '${key}' must not start with the reserved prefix aws:`);
    }
  }
  const keys = new Set((tags ?? []).map((tag) => tag.key));
  if (keys.size < (tags ?? []).length) throw invalid("tags", "Tag keys must be unique");
  checkCount(call, keys.size);
}

/** Refuses more tags on one resource than its quota. */
export function checkCount(call: Call, count: number): void {
  const max = call.quotas.tagsPerResource;
  if (count > max) throw invalid("tags", `A resource has at most ${max} tags, not ${count}`);
}

/** Stores the tags of a new resource. */
export async function putNewTags(
  trx: WriteTransaction,
  arn: string,
  tags: readonly Tag[] | undefined,
): Promise<void> {
  await tagStore.put(trx, arn, tags ?? []);
}
