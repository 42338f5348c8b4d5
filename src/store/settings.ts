import type { Readable, WriteTransaction } from "./database.ts";

/** A fact about the installation. */
export async function find(db: Readable, name: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("setting")
    .select("value")
    .where("name", "=", name)
    .executeTakeFirst();
  return row?.value;
}

/** Sets it, whether or not it was set before. */
export async function put(trx: WriteTransaction, name: string, value: string): Promise<void> {
  await trx
    .insertInto("setting")
    .values({ name, value })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
    .execute();
}
