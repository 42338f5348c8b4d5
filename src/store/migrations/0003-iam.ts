import { type Kysely, sql } from "kysely";

/** Managed policies with their versions and uses, and who is in which group. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("iam_policy")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("account_id", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("path", "text", (c) => c.notNull())
    .addColumn("arn", "text", (c) => c.notNull())
    .addColumn("description", "text")
    .addColumn("default_version", "integer", (c) => c.notNull())
    .addColumn("latest_version", "integer", (c) => c.notNull())
    .addColumn("created_at", "integer", (c) => c.notNull())
    .addColumn("updated_at", "integer", (c) => c.notNull())
    .execute();
  await sql`create unique index iam_policy_by_name on iam_policy (account_id, lower(name))`.execute(
    db,
  );
  await db.schema.createIndex("iam_policy_by_arn").on("iam_policy").column("arn").execute();
  await db.schema
    .createTable("iam_policy_version")
    .addColumn("policy_id", "text", (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("document", "text", (c) => c.notNull())
    .addColumn("created_at", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("iam_policy_version_key", ["policy_id", "version"])
    .execute();
  await db.schema
    .createTable("iam_attachment")
    .addColumn("entity_id", "text", (c) => c.notNull())
    .addColumn("use", "text", (c) => c.notNull())
    .addColumn("policy_arn", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("iam_attachment_key", ["entity_id", "use", "policy_arn"])
    .execute();
  await db.schema
    .createIndex("iam_attachment_by_policy")
    .on("iam_attachment")
    .column("policy_arn")
    .execute();
  await db.schema
    .createTable("iam_membership")
    .addColumn("group_id", "text", (c) => c.notNull())
    .addColumn("user_id", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("iam_membership_key", ["group_id", "user_id"])
    .execute();
  await db.schema
    .createIndex("iam_membership_by_user")
    .on("iam_membership")
    .column("user_id")
    .execute();
}
