// The rules by which documents of a data source got their ACL class, and the documents that have to
// be given another one.
import { sql } from "kysely";
import * as aclClasses from "./acl-classes.ts";
import type { Readable, WriteTransaction } from "./database.ts";

/** Where a rule counts. */
export type AclRuleScope = { readonly dataSourceId: string; readonly bucket: string };

/** A rule that some document may follow. */
export type StoredAclRule = {
  /** Undefined: the rule of all keys that no other one covers. */
  readonly prefix: string | undefined;
  readonly aclClass: number;
  /** What the class says now; see `aclClasses`. */
  readonly canonical: string;
  /**
   * `settled`: the class says what the rule says. `closed`: it admits fewer, until the end of a
   * crawl. `moving`: besides, documents of the class may have to follow another rule. `left`: the
   * rule is no more, and some documents could not be given another one.
   */
  readonly state: "settled" | "closed" | "moving" | "left";
};

/** A document with a class of its own key's rule, as it was published. */
export type ClassedDocument = {
  readonly key: number;
  readonly objectKey: string;
  readonly aclClass: number;
  readonly guardAclClass: number;
  /**
   * Whether what is published is the object as it was met last: no newer version was begun, and the
   * object was not missed.
   */
  readonly isCurrent: boolean;
};

/** All rules of a data source over a bucket. */
export async function list(
  db: Readable,
  { dataSourceId, bucket }: AclRuleScope,
): Promise<readonly StoredAclRule[]> {
  const rows = await db
    .selectFrom("acl_rule as r")
    .innerJoin("acl_class as c", "c.id", "r.acl_class")
    .select(["r.rule", "r.acl_class", "r.state", "c.canonical"])
    .where("r.data_source_id", "=", dataSourceId)
    .where("r.bucket", "=", bucket)
    .execute();
  return rows.map((row) => ({
    prefix: row.rule === "" ? undefined : row.rule.slice(1),
    aclClass: row.acl_class,
    canonical: row.canonical,
    state: row.state as StoredAclRule["state"],
  }));
}

/** The class of a rule; undefined where it has none. */
export async function classOf(
  db: Readable,
  scope: AclRuleScope,
  prefix: string | undefined,
): Promise<number | undefined> {
  const row = await db
    .selectFrom("acl_rule")
    .select("acl_class")
    .where("data_source_id", "=", scope.dataSourceId)
    .where("bucket", "=", scope.bucket)
    .where("rule", "=", textOf(prefix))
    .executeTakeFirst();
  return row?.acl_class;
}

/** Whether a class is that of a rule, be it one that only some documents are left with. */
export async function isClassOfRule(
  db: Readable,
  { dataSourceId, aclClass }: { readonly dataSourceId: string; readonly aclClass: number },
): Promise<boolean> {
  const row = await db
    .selectFrom("acl_rule")
    .select("rule")
    .where("data_source_id", "=", dataSourceId)
    .where("acl_class", "=", aclClass)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Adds rules that are not there yet, each with a class of its own. */
export async function add(
  trx: WriteTransaction,
  { dataSourceId, bucket }: AclRuleScope,
  rules: readonly Pick<StoredAclRule, "prefix" | "canonical">[],
): Promise<void> {
  const named = rules.map(({ prefix, canonical }) => {
    const rule = textOf(prefix);
    return { rule, name: [dataSourceId, bucket, rule], canonical };
  });
  const ids = await aclClasses.createNamed(trx, named);
  const rows = JSON.stringify(named.map(({ rule }, i) => [rule, ids[i]]));
  await sql`
    insert into acl_rule (data_source_id, bucket, rule, acl_class, state)
    select ${dataSourceId}, ${bucket}, value ->> 0, value ->> 1, 'settled' from json_each(${rows})
  `.execute(trx);
}

function textOf(prefix: string | undefined): string {
  return prefix === undefined ? "" : `=${prefix}`;
}

/** Notes how far a rule is. */
export async function setState(
  trx: WriteTransaction,
  { dataSourceId, bucket }: AclRuleScope,
  rule: Pick<StoredAclRule, "prefix" | "state">,
): Promise<void> {
  await trx
    .updateTable("acl_rule")
    .set({ state: rule.state })
    .where("data_source_id", "=", dataSourceId)
    .where("bucket", "=", bucket)
    .where("rule", "=", textOf(rule.prefix))
    .execute();
}

/** Forgets a rule; its class stays what it is. */
export async function remove(
  trx: WriteTransaction,
  { dataSourceId, bucket }: AclRuleScope,
  prefix: string | undefined,
): Promise<void> {
  await trx
    .deleteFrom("acl_rule")
    .where("data_source_id", "=", dataSourceId)
    .where("bucket", "=", bucket)
    .where("rule", "=", textOf(prefix))
    .execute();
}

/** Forgets all rules of a data source. */
export async function removeOfDataSource(
  trx: WriteTransaction,
  dataSourceId: string,
): Promise<void> {
  await trx.deleteFrom("acl_rule").where("data_source_id", "=", dataSourceId).execute();
}

/** One page of a data source's documents, in order of their keys. */
export async function listDocuments(
  db: Readable,
  query: {
    readonly indexId: string;
    readonly dataSourceId: string;
    readonly after: number;
    readonly limit: number;
  },
): Promise<readonly ClassedDocument[]> {
  const rows = await db
    .selectFrom("document")
    .select([
      "key",
      "object_key as objectKey",
      "acl_class as aclClass",
      "guard_acl_class as guardAclClass",
      "version",
      "published_version as publishedVersion",
      "is_released as isReleased",
    ])
    .where("index_id", "=", query.indexId)
    .where("data_source_id", "=", query.dataSourceId)
    .where("published_version", ">", 0)
    .where("key", ">", query.after)
    .orderBy("key")
    .limit(query.limit)
    .execute();
  return rows.map(({ version, publishedVersion, isReleased, ...row }) => ({
    ...row,
    isCurrent: version === publishedVersion && isReleased === 0,
  }));
}

/** Gives documents another class. The engine's part goes in the same transaction. */
export async function reclassify(
  trx: WriteTransaction,
  change: {
    readonly keys: readonly number[];
    /** `guard`: the class that readers must pass besides. */
    readonly of: "document" | "guard";
    readonly aclClass: number;
  },
): Promise<void> {
  const column = sql.ref(change.of === "document" ? "acl_class" : "guard_acl_class");
  await sql`
    update document set ${column} = ${change.aclClass}
    where key in (select value from json_each(${JSON.stringify(change.keys)}))
  `.execute(trx);
}
