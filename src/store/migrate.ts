import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import * as base from "./migrations/0001-base.ts";
import * as search from "./migrations/0002-search.ts";
import * as iam from "./migrations/0003-iam.ts";
import * as principals from "./migrations/0004-principals.ts";
import * as signIn from "./migrations/0005-sign-in.ts";
import * as kms from "./migrations/0006-kms.ts";
import * as content from "./migrations/0007-content.ts";
import * as accessRules from "./migrations/0011-access-rules.ts";
import * as syncReports from "./migrations/0012-sync-reports.ts";
import * as contentKeys from "./migrations/0008-content-keys.ts";
import * as network from "./migrations/0009-network.ts";
import type { Schema } from "./schema.ts";

// In order. A migration that has been released is never changed; a new one is added.
const migrations: Readonly<Record<string, Migration>> = {
  "0001-base": base,
  "0002-search": search,
  "0003-iam": iam,
  "0004-principals": principals,
  "0005-sign-in": signIn,
  "0006-kms": kms,
  "0007-content": content,
  "0011-access-rules": accessRules,
  "0012-sync-reports": syncReports,
  "0008-content-keys": contentKeys,
  "0009-network": network,
};

/**
 * Brings the schema up to date; each migration in a transaction.
 *
 * @throws Error if the database knows a migration that this version does not.
 */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const reason = error instanceof Error ? error.message : String(error);
  throw new Error(
    /corrupted migrations|missing/i.test(reason)
      ? "The data directory was written by a newer version of Quarry; use that version or another directory."
      : `The database could not be brought up to date: ${reason}`,
    { cause: error },
  );
}
