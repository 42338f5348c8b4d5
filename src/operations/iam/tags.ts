import { createHash } from "node:crypto";
import { type Tag, tags as tagStore, type WriteTransaction } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import type { QueryCall, QueryQuestion } from "./query-operation.ts";

/** A tag as the query services spell it. */
export type QueryTag = { readonly Key: string; readonly Value: string };

/** Tags as the store keeps them. */
export function tagsOf(tags: readonly QueryTag[] | undefined): readonly Tag[] {
  return (tags ?? []).map(({ Key, Value }) => ({ key: Key, value: Value }));
}

/**
 * What is asked about something that is made with tags: the right to make it, and the right to tag
 * it ("Tagging IAM resources", IAM User Guide; the service names `iam:TagRole` when it refuses
 * CreateRole with tags).
 */
export function makingWithTags(
  making: QueryQuestion,
  {
    action,
    tags = [],
  }: { readonly action: string; readonly tags: readonly QueryTag[] | undefined },
): readonly QueryQuestion[] {
  if (tags.length === 0) return [making];
  const given = tagsOf(tags);
  const { resources } = making;
  return [
    { ...making, tags: given },
    { action, resources, tags: given },
  ];
}

/** Tags as answers show them. */
export function queryTags(tags: readonly Tag[]): readonly QueryTag[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}

/**
 * Checks tags that a call brings ("Rules for tagging in IAM and AWS STS", IAM User Guide): keys
 * differ by more than case, and those that start with `aws:` are reserved.
 *
 * @throws QueryError InvalidInput.
 */
export function checkTags(tags: readonly QueryTag[] | undefined): void {
  const keys = (tags ?? []).map(({ Key }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw queryError(
      "InvalidInput",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
  }
  if (keys.some((key) => key.startsWith("aws:"))) {
    throw queryError("InvalidInput", "Tag keys that start with aws: are reserved for system use.");
  }
}

/**
 * Adds tags to a user or role; a key that is there in any case is replaced.
 *
 * @throws QueryError LimitExceeded.
 */
export async function putTags(
  trx: WriteTransaction,
  { quotas }: QueryCall,
  { arn, tags }: { readonly arn: string; readonly tags: readonly QueryTag[] | undefined },
): Promise<void> {
  if (tags === undefined || tags.length === 0) return;
  const keys = new Set(tags.map(({ Key }) => Key.toLowerCase()));
  const known = await tagStore.list(trx, arn);
  const replaced = known.filter(({ key }) => keys.has(key.toLowerCase()));
  const count = known.length - replaced.length + keys.size;
  const max = quotas.iam.tagsPerEntity;
  if (count > max) {
    const message = `The number of tags has reached the maximum limit of ${max}.`;
    throw queryError("LimitExceeded", message);
  }
  await removeTags(trx, arn, replaced);
  await tagStore.put(trx, arn, tagsOf(tags));
}

/**
 * Where a list of tags goes on: in the order of keys. Markers have no room for the longest keys, so
 * a digest stands for what comes after the start.
 */
export function tagPosition({ key }: Pick<Tag, "key">): string {
  const digest = createHash("sha256").update(key).digest("base64url").slice(0, 16);
  return key.slice(0, 30).toWellFormed() + (key.length > 30 ? digest : "");
}

/** Takes tags off. */
export async function removeTags(
  trx: WriteTransaction,
  arn: string,
  tags: readonly Pick<Tag, "key">[],
): Promise<void> {
  await tagStore.remove(
    trx,
    arn,
    tags.map(({ key }) => key),
  );
}

/** Takes all tags off something that is being deleted. */
export async function removeAllTags(trx: WriteTransaction, arn: string): Promise<void> {
  await removeTags(trx, arn, await tagStore.list(trx, arn));
}
