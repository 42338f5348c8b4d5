import type { Selectable } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";
import type { NetworkAttachmentTable } from "./network-schema.ts";

/** Where an attachment is in its life; the last state is final. */
export type AttachmentStatus = "pending" | "available" | "in-use" | "released";

/** What stands for a network interface here: one data source in one zone, for one sync. */
export type NetworkAttachment = {
  /** `eni-…` */
  readonly id: string;
  readonly accountId: string;
  readonly applicationId: string;
  readonly dataSourceId: string;
  readonly executionId: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly securityGroupIds: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly status: AttachmentStatus;
  /** Who released it. */
  readonly releasedBy: "role" | "service" | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** Adds an attachment, `pending`. */
export async function insert(
  trx: WriteTransaction,
  attachment: Omit<NetworkAttachment, "status" | "releasedBy" | "updatedAt">,
): Promise<void> {
  await trx
    .insertInto("network_attachment")
    .values({
      id: attachment.id,
      account_id: attachment.accountId,
      application_id: attachment.applicationId,
      data_source_id: attachment.dataSourceId,
      execution_id: attachment.executionId,
      subnet_id: attachment.subnetId,
      vpc_id: attachment.vpcId,
      availability_zone: attachment.availabilityZone,
      security_group_ids: JSON.stringify(attachment.securityGroupIds),
      tags: JSON.stringify(attachment.tags),
      status: "pending",
      released_by: null,
      created_at: attachment.createdAt.getTime(),
      updated_at: attachment.createdAt.getTime(),
    })
    .execute();
}

/** Moves an attachment on; one that is released stays so. */
export async function setStatus(
  trx: WriteTransaction,
  id: string,
  change: {
    readonly status: AttachmentStatus;
    readonly releasedBy?: "role" | "service";
    readonly at: Date;
  },
): Promise<void> {
  await trx
    .updateTable("network_attachment")
    .set({
      status: change.status,
      released_by: change.releasedBy ?? null,
      updated_at: change.at.getTime(),
    })
    .where("id", "=", id)
    .where("status", "<>", "released")
    .execute();
}

/** Attachments that are not released: all, or those of a data source. */
export async function listHeld(
  db: Readable,
  of: { readonly dataSourceId?: string } = {},
): Promise<readonly NetworkAttachment[]> {
  let rows = db.selectFrom("network_attachment").selectAll().where("status", "<>", "released");
  if (of.dataSourceId !== undefined) rows = rows.where("data_source_id", "=", of.dataSourceId);
  return (await rows.orderBy("created_at").orderBy("id").execute()).map(attachmentOf);
}

/** All attachments of a data source that are remembered, oldest first. */
export async function list(
  db: Readable,
  dataSourceId: string,
): Promise<readonly NetworkAttachment[]> {
  const rows = await db
    .selectFrom("network_attachment")
    .selectAll()
    .where("data_source_id", "=", dataSourceId)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  return rows.map(attachmentOf);
}

/** Forgets released attachments of a data source but the newest ones. */
export async function trim(
  trx: WriteTransaction,
  dataSourceId: string,
  keep: number,
): Promise<void> {
  const old = trx
    .selectFrom("network_attachment")
    .select("id")
    .where("data_source_id", "=", dataSourceId)
    .where("status", "=", "released")
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(-1)
    .offset(keep);
  await trx.deleteFrom("network_attachment").where("id", "in", old).execute();
}

/** Forgets all attachments of a data source. */
export async function removeOfDataSource(
  trx: WriteTransaction,
  dataSourceId: string,
): Promise<void> {
  await trx.deleteFrom("network_attachment").where("data_source_id", "=", dataSourceId).execute();
}

function attachmentOf(row: Selectable<NetworkAttachmentTable>): NetworkAttachment {
  return {
    id: row.id,
    accountId: row.account_id,
    applicationId: row.application_id,
    dataSourceId: row.data_source_id,
    executionId: row.execution_id,
    subnetId: row.subnet_id,
    vpcId: row.vpc_id,
    availabilityZone: row.availability_zone,
    securityGroupIds: JSON.parse(row.security_group_ids) as readonly string[],
    tags: JSON.parse(row.tags) as Readonly<Record<string, string>>,
    status: row.status as AttachmentStatus,
    releasedBy: (row.released_by ?? undefined) as NetworkAttachment["releasedBy"],
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}
