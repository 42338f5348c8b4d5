import type { WriteTransaction } from "./database.ts";

/**
 * Uses a token up: of two uses at once exactly one gets true. Forgets those that have expired,
 * which nobody takes any more.
 */
export async function use(
  trx: WriteTransaction,
  token: { readonly idHash: string; readonly expiresAt: Date; readonly now: Date },
): Promise<boolean> {
  const { idHash, expiresAt, now } = token;
  await trx.deleteFrom("used_token").where("expires_at", "<=", now.getTime()).execute();
  const result = await trx
    .insertInto("used_token")
    .values({ id_hash: idHash, expires_at: expiresAt.getTime() })
    .onConflict((conflict) => conflict.column("id_hash").doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}
