// The data keys that applications' content is sealed with, wrapped by their KMS keys.
import type { Readable, WriteTransaction } from "./database.ts";

/** A data key as it is kept: only the application's KMS key unwraps it. */
export type WrappedContentKey = {
  readonly id: number;
  readonly applicationId: string;
  /** Version of the KMS key's material that wrapped it. */
  readonly materialVersion: number;
  readonly wrapped: Uint8Array;
  readonly createdAt: Date;
};

/** All data keys of an application, oldest first. There is one for each rotation of its key. */
export async function list(
  db: Readable,
  applicationId: string,
): Promise<readonly WrappedContentKey[]> {
  const rows = await db
    .selectFrom("content_key")
    .selectAll()
    .where("application_id", "=", applicationId)
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    applicationId: row.application_id,
    materialVersion: row.material_version,
    wrapped: row.wrapped,
    createdAt: new Date(row.created_at),
  }));
}

/** Adds a data key; it must be on the disk before anything is sealed with it. */
export async function insert(
  trx: WriteTransaction,
  key: Omit<WrappedContentKey, "id">,
): Promise<void> {
  await trx
    .insertInto("content_key")
    .values({
      application_id: key.applicationId,
      material_version: key.materialVersion,
      wrapped: key.wrapped,
      created_at: key.createdAt.getTime(),
    })
    .execute();
}

/** Forgets an application's data keys: what was sealed with them is noise from then on. */
export async function removeOfApplication(
  trx: WriteTransaction,
  applicationId: string,
): Promise<void> {
  await trx.deleteFrom("content_key").where("application_id", "=", applicationId).execute();
}
