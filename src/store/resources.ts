import type { Selectable } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";
import { cachedRead } from "./read-cache.ts";
import type { ResourceTable } from "./schema.ts";

/** What can be created, read, listed, updated and deleted by id. */
export type ResourceKind =
  | "application"
  | "index"
  | "retriever"
  | "dataSource"
  | "webExperience"
  | "plugin"
  | "dataAccessor"
  | "chatResponseConfiguration";

/** A stored resource. `record` holds the members that the API reads back; JSON values only. */
export type Resource<R = Readonly<Record<string, unknown>>> = {
  /** Grows with creation: the order of listings and the position in a page token. */
  readonly sequence: number;
  readonly id: string;
  readonly accountId: string;
  readonly kind: ResourceKind;
  /** An application names itself. */
  readonly applicationId: string;
  /** The index of a data source, else empty. */
  readonly indexId: string;
  readonly arn: string;
  readonly status: string;
  readonly record: R;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** A resource about to be stored. */
export type NewResource<R> = Omit<Resource<R>, "sequence" | "createdAt" | "updatedAt"> & {
  readonly at: Date;
};

type Row = Selectable<ResourceTable>;

function fromRow<R>(row: Row): Resource<R> {
  return {
    sequence: row.sequence,
    id: row.id,
    accountId: row.account_id,
    kind: row.kind as ResourceKind,
    applicationId: row.application_id,
    indexId: row.index_id,
    arn: row.arn,
    status: row.status,
    record: JSON.parse(row.record) as R,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}

/** Stores a new resource. */
export async function insert<R>(trx: WriteTransaction, resource: NewResource<R>): Promise<void> {
  await trx
    .insertInto("resource")
    .values({
      id: resource.id,
      account_id: resource.accountId,
      kind: resource.kind,
      application_id: resource.applicationId,
      index_id: resource.indexId,
      arn: resource.arn,
      status: resource.status,
      record: JSON.stringify(resource.record),
      created_at: resource.at.getTime(),
      updated_at: resource.at.getTime(),
    })
    .execute();
}

/** The resource of that kind and id, wherever it hangs. Every call begins with one: it is cached. */
export function find<R>(
  db: Readable,
  kind: ResourceKind,
  id: string,
): Promise<Resource<R> | undefined> {
  return cachedRead(db, `resource/${kind}/${id}`, async () => {
    const row = await db
      .selectFrom("resource")
      .selectAll()
      .where("id", "=", id)
      .where("kind", "=", kind)
      .executeTakeFirst();
    return row === undefined ? undefined : fromRow<R>(row);
  });
}

/** The resource with that ARN. */
export async function findByArn(db: Readable, arn: string): Promise<Resource | undefined> {
  const row = await db.selectFrom("resource").selectAll().where("arn", "=", arn).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Where a listing looks, and where its page starts. */
export type ResourceQuery = {
  readonly accountId: string;
  readonly kind: ResourceKind;
  /** Left out: over all applications. */
  readonly applicationId?: string;
  readonly indexId?: string;
  /** The last sequence of the page before. */
  readonly after?: number;
  readonly limit: number;
};

/** One page, in order of creation. */
export async function list<R>(db: Readable, query: ResourceQuery): Promise<readonly Resource<R>[]> {
  let select = db
    .selectFrom("resource")
    .selectAll()
    .where("kind", "=", query.kind)
    .where("account_id", "=", query.accountId)
    .where("sequence", ">", query.after ?? 0);
  if (query.applicationId !== undefined) {
    select = select.where("application_id", "=", query.applicationId);
  }
  if (query.indexId !== undefined) select = select.where("index_id", "=", query.indexId);
  const rows = await select.orderBy("sequence").limit(query.limit).execute();
  return rows.map((row) => fromRow<R>(row));
}

/** How many there are; for quotas. */
export async function count(
  db: Readable,
  query: Pick<ResourceQuery, "accountId" | "kind" | "applicationId">,
): Promise<number> {
  let select = db
    .selectFrom("resource")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("kind", "=", query.kind)
    .where("account_id", "=", query.accountId);
  if (query.applicationId !== undefined) {
    select = select.where("application_id", "=", query.applicationId);
  }
  return (await select.executeTakeFirstOrThrow()).count;
}

/** Changes status, record, or the index that it hangs below. */
export async function update<R>(
  trx: WriteTransaction,
  id: string,
  change: {
    readonly status?: string;
    readonly record?: R;
    readonly indexId?: string;
    readonly at: Date;
  },
): Promise<void> {
  await trx
    .updateTable("resource")
    .set({
      updated_at: change.at.getTime(),
      ...(change.status === undefined ? {} : { status: change.status }),
      ...(change.indexId === undefined ? {} : { index_id: change.indexId }),
      ...(change.record === undefined ? {} : { record: JSON.stringify(change.record) }),
    })
    .where("id", "=", id)
    .execute();
}

/** Removes a resource and its tags; what hangs below it is the caller's to remove. */
export async function remove(trx: WriteTransaction, resource: Resource<unknown>): Promise<void> {
  await trx.deleteFrom("tag").where("resource_arn", "=", resource.arn).execute();
  await trx.deleteFrom("resource").where("id", "=", resource.id).execute();
}
