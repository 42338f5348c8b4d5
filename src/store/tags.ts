import type { Readable, WriteTransaction } from "./database.ts";

/** Keys and values, as the API has them. */
export type Tag = { readonly key: string; readonly value: string };

/** The tags of a resource, by key. */
export async function list(db: Readable, resourceArn: string): Promise<readonly Tag[]> {
  const rows = await db
    .selectFrom("tag")
    .select(["name as key", "value"])
    .where("resource_arn", "=", resourceArn)
    .orderBy("name")
    .execute();
  return rows;
}

/** Adds tags; one with a key that is there already gets the new value. */
export async function put(
  trx: WriteTransaction,
  resourceArn: string,
  tags: readonly Tag[],
): Promise<void> {
  for (const { key, value } of tags) {
    await trx
      .insertInto("tag")
      .values({ resource_arn: resourceArn, name: key, value })
      .onConflict((conflict) => conflict.columns(["resource_arn", "name"]).doUpdateSet({ value }))
      .execute();
  }
}

/** Removes the tags with these keys, where they are. */
export async function remove(
  trx: WriteTransaction,
  resourceArn: string,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await trx
    .deleteFrom("tag")
    .where("resource_arn", "=", resourceArn)
    .where("name", "in", keys)
    .execute();
}
