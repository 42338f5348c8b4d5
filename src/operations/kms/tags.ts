import { type Tag, tags as tagStore, type WriteTransaction } from "../../store/store.ts";
import { jsonError } from "../../wire/wire.ts";
import { checkKmsQuota, kmsLimits } from "./limits.ts";

/** A tag as the KMS spells it. */
export type KmsTag = { readonly TagKey: string; readonly TagValue: string };

/** Tags as the store keeps them. */
export function tagsOf(tags: readonly KmsTag[] | undefined): readonly Tag[] | undefined {
  return tags?.map(({ TagKey, TagValue }) => ({ key: TagKey, value: TagValue }));
}

/**
 * Checks keys of tags ("Tags in AWS KMS", Developer Guide): each once, none of AWS's own.
 *
 * @throws JsonError TagException.
 */
export function checkTagKeys(keys: readonly string[]): void {
  if (new Set(keys).size < keys.length) throw jsonError("TagException", "Duplicate tag keys");
  if (keys.some((key) => key.toLowerCase().startsWith("aws:"))) {
    throw jsonError("TagException", "Tag keys that start with aws: are reserved.");
  }
}

/**
 * Adds tags to a key.
 *
 * @throws JsonError TagException, LimitExceededException.
 */
export async function putTags(
  trx: WriteTransaction,
  arn: string,
  tags: readonly KmsTag[],
): Promise<void> {
  const keys = tags.map(({ TagKey }) => TagKey);
  checkTagKeys(keys);
  const known = (await tagStore.list(trx, arn)).map(({ key }) => key);
  const count = new Set([...known, ...keys]).size;
  checkKmsQuota("tags per key", count - 1, kmsLimits.tagsPerKey);
  await tagStore.put(trx, arn, tagsOf(tags) ?? []);
}
