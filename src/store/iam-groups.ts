import type { Readable, WriteTransaction } from "./database.ts";

/** Puts a user into a group; once more changes nothing. */
export async function addMember(
  trx: WriteTransaction,
  { groupId, userId }: { readonly groupId: string; readonly userId: string },
): Promise<void> {
  await trx
    .insertInto("iam_membership")
    .values({ group_id: groupId, user_id: userId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Takes a user out of a group; whether it was in it. */
export async function removeMember(
  trx: WriteTransaction,
  { groupId, userId }: { readonly groupId: string; readonly userId: string },
): Promise<boolean> {
  const result = await trx
    .deleteFrom("iam_membership")
    .where("group_id", "=", groupId)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Ids of the users in a group. */
export async function listMembers(db: Readable, groupId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("iam_membership")
    .select("user_id")
    .where("group_id", "=", groupId)
    .execute();
  return rows.map((row) => row.user_id);
}

/** Ids of the groups that a user is in. */
export async function listGroupsOf(db: Readable, userId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("iam_membership")
    .select("group_id")
    .where("user_id", "=", userId)
    .orderBy("group_id")
    .execute();
  return rows.map((row) => row.group_id);
}
