import type { Kysely } from "kysely";

/** KMS keys with their material, aliases and grants. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("kms_key")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("account_id", "text", (c) => c.notNull())
    .addColumn("arn", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("description", "text", (c) => c.notNull())
    .addColumn("policy", "text", (c) => c.notNull())
    .addColumn("policy_pins", "text", (c) => c.notNull())
    .addColumn("material_version", "integer", (c) => c.notNull())
    .addColumn("rotation_days", "integer")
    .addColumn("rotation_next_at", "integer")
    .addColumn("deletion_at", "integer")
    .addColumn("deletion_days", "integer")
    .addColumn("changes", "integer", (c) => c.notNull())
    .addColumn("created_at", "integer", (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex("kms_key_by_account")
    .on("kms_key")
    .columns(["account_id", "id"])
    .execute();
  await db.schema
    .createTable("kms_material")
    .addColumn("key_id", "text", (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("material_id", "text", (c) => c.notNull())
    .addColumn("sealed", "text", (c) => c.notNull())
    .addColumn("cause", "text", (c) => c.notNull())
    .addColumn("created_at", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("kms_material_key", ["key_id", "version"])
    .execute();
  await db.schema
    .createTable("kms_alias")
    .addColumn("account_id", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("key_id", "text", (c) => c.notNull())
    .addColumn("created_at", "integer", (c) => c.notNull())
    .addColumn("updated_at", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("kms_alias_key", ["account_id", "name"])
    .execute();
  await db.schema.createIndex("kms_alias_by_key").on("kms_alias").column("key_id").execute();
  await db.schema
    .createTable("kms_grant")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("key_id", "text", (c) => c.notNull())
    .addColumn("name", "text")
    .addColumn("grantee", "text", (c) => c.notNull())
    .addColumn("grantee_id", "text")
    .addColumn("retiring", "text")
    .addColumn("retiring_id", "text")
    .addColumn("issuing_account", "text", (c) => c.notNull())
    .addColumn("operations", "text", (c) => c.notNull())
    .addColumn("constraints", "text", (c) => c.notNull())
    .addColumn("created_at", "integer", (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex("kms_grant_by_grantee")
    .on("kms_grant")
    .columns(["key_id", "grantee", "id"])
    .execute();
  await db.schema
    .createIndex("kms_grant_by_key")
    .on("kms_grant")
    .columns(["key_id", "id"])
    .execute();
}
