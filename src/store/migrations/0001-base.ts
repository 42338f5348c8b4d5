import { type CreateTableBuilder, type Kysely, sql } from "kysely";

type Columns = Readonly<Record<string, "text" | "integer" | "text?" | "integer?" | "key">>;

/** A table from a list of columns: not null unless marked, `key` counts up by itself. */
function table(
  db: Kysely<unknown>,
  name: string,
  columns: Columns,
): CreateTableBuilder<string, string> {
  let builder: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const [column, type] of Object.entries(columns)) {
    builder =
      type === "key"
        ? builder.addColumn(column, "integer", (c) => c.primaryKey().autoIncrement())
        : builder.addColumn(column, type.startsWith("text") ? "text" : "integer", (c) =>
            type.endsWith("?") ? c : c.notNull(),
          );
  }
  return builder;
}

async function index(
  db: Kysely<unknown>,
  on: string,
  columns: readonly string[],
  kind: "unique" | "plain" = "plain",
): Promise<void> {
  const name = sql.ref(`${on}_by_${columns.join("_")}`);
  const list = sql.join(columns.map((column) => sql.ref(column)));
  const create = kind === "unique" ? sql`create unique index` : sql`create index`;
  await sql`${create} ${name} on ${sql.table(on)} (${list})`.execute(db);
}

/** Everything but the search tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, "setting", { name: "text", value: "text" })
    .addPrimaryKeyConstraint("setting_key", ["name"])
    .execute();
  await resources(db);
  await documents(db);
  await conversations(db);
  await identities(db);
}

async function resources(db: Kysely<unknown>): Promise<void> {
  await table(db, "resource", {
    sequence: "key",
    id: "text",
    account_id: "text",
    kind: "text",
    application_id: "text",
    index_id: "text",
    arn: "text",
    status: "text",
    record: "text",
    created_at: "integer",
    updated_at: "integer",
  }).execute();
  await index(db, "resource", ["id"], "unique");
  await index(db, "resource", ["kind", "application_id", "index_id", "sequence"]);
  await index(db, "resource", ["arn"]);
  await table(db, "tag", { resource_arn: "text", name: "text", value: "text" })
    .addPrimaryKeyConstraint("tag_key", ["resource_arn", "name"])
    .execute();
  await table(db, "idempotency", {
    scope: "text",
    token: "text",
    request_hash: "text",
    response: "text",
    created_at: "integer",
  })
    .addPrimaryKeyConstraint("idempotency_key", ["scope", "token"])
    .execute();
  await index(db, "idempotency", ["created_at"]);
}

async function documents(db: Kysely<unknown>): Promise<void> {
  await table(db, "acl_class", { id: "key", hash: "text", canonical: "text" }).execute();
  await index(db, "acl_class", ["hash"], "unique");
  // Class 1: documents without an access list; the hash is that of its canonical form.
  await sql`insert into acl_class (id, hash, canonical) values (1, 'b78532572a08261cbc0c918d293a0d4fb83b1a83e9dacef857e52efbd4b5c78b', '"public"')`.execute(
    db,
  );
  await table(db, "document", {
    key: "key",
    application_id: "text",
    index_id: "text",
    data_source_id: "text",
    document_id: "text",
    version: "integer",
    published_version: "integer",
    status: "text",
    error_code: "text",
    error_message: "text",
    title: "text",
    uri: "text",
    content_type: "text",
    acl_class: "integer",
    guard_acl_class: "integer",
    attributes: "text",
    text_bytes: "integer",
    object_key: "text",
    is_released: "integer",
    sync_id: "text",
    sync_action: "text",
    created_at: "integer",
    updated_at: "integer",
  }).execute();
  await index(db, "document", ["index_id", "data_source_id", "document_id"], "unique");
  await index(db, "document", ["index_id", "key"]);
  await index(db, "document", ["data_source_id", "document_id"]);
  await index(db, "document", ["data_source_id", "is_released", "key"]);
  await table(db, "connector_object", {
    data_source_id: "text",
    object_key: "text",
    document_id: "text",
    wanted_id: "text",
    reported_id: "text",
    outcome: "text",
    fingerprint: "text",
  })
    .addPrimaryKeyConstraint("connector_object_key", ["data_source_id", "object_key"])
    .execute();
  await table(db, "index_statistics", {
    index_id: "text",
    document_count: "integer",
    text_bytes: "integer",
  })
    .addPrimaryKeyConstraint("index_statistics_key", ["index_id"])
    .execute();
  await table(db, "sync_job", {
    sequence: "key",
    id: "text",
    application_id: "text",
    index_id: "text",
    data_source_id: "text",
    status: "text",
    error_code: "text",
    error_message: "text",
    connector_error_code: "text",
    is_stop_requested: "integer",
    scanned: "integer",
    added: "integer",
    modified: "integer",
    deleted: "integer",
    failed: "integer",
    protected: "integer",
    started_at: "integer",
    ended_at: "integer?",
  }).execute();
  await index(db, "sync_job", ["id"], "unique");
  await index(db, "sync_job", ["data_source_id", "sequence"]);
  await table(db, "job", {
    id: "key",
    queue: "text",
    key: "text",
    payload: "text",
    attempts: "integer",
    due_at: "integer",
    leased_until: "integer",
    is_dead: "integer",
    last_error: "text",
  }).execute();
  // Both go on by id: a queue is walked in order, and so are the jobs of one key.
  await index(db, "job", ["queue", "is_dead"]);
  await index(db, "job", ["queue", "key"]);
}

async function conversations(db: Kysely<unknown>): Promise<void> {
  await table(db, "conversation", {
    id: "text",
    application_id: "text",
    owner: "text",
    title: "text",
    started_at: "integer",
    last_at: "integer",
  })
    .addPrimaryKeyConstraint("conversation_key", ["id"])
    .execute();
  await index(db, "conversation", ["application_id", "owner", "last_at"]);
  await index(db, "conversation", ["last_at"]);
  await table(db, "message", {
    sequence: "key",
    id: "text",
    conversation_id: "text",
    parent_id: "text",
    type: "text",
    body: "text",
    attributions: "text",
    at: "integer",
  }).execute();
  await index(db, "message", ["id"], "unique");
  await index(db, "message", ["conversation_id", "sequence"]);
  await table(db, "feedback", {
    message_id: "text",
    application_id: "text",
    usefulness: "text",
    reason: "text",
    comment: "text",
    submitted_at: "integer?",
    copied_at: "integer?",
    updated_at: "integer",
  })
    .addPrimaryKeyConstraint("feedback_key", ["message_id"])
    .execute();
  await table(db, "web_link", {
    token_hash: "text",
    application_id: "text",
    web_experience_id: "text",
    session_minutes: "integer",
    opens_until: "integer",
    used_at: "integer?",
  })
    .addPrimaryKeyConstraint("web_link_key", ["token_hash"])
    .execute();
  await table(db, "web_session", {
    id_hash: "text",
    owner: "text",
    application_id: "text",
    web_experience_id: "text",
    role_arn: "text",
    expires_at: "integer",
  })
    .addPrimaryKeyConstraint("web_session_key", ["id_hash"])
    .execute();
}

async function identities(db: Kysely<unknown>): Promise<void> {
  await table(db, "iam_entity", {
    id: "text",
    account_id: "text",
    kind: "text",
    name: "text",
    path: "text",
    arn: "text",
    trust_policy: "text",
    record: "text",
    created_at: "integer",
  })
    .addPrimaryKeyConstraint("iam_entity_key", ["id"])
    .execute();
  // IAM names are unique without regard to case.
  await sql`create unique index iam_entity_by_name on iam_entity (account_id, kind, lower(name))`.execute(
    db,
  );
  await index(db, "iam_entity", ["arn"]);
  await table(db, "iam_inline_policy", { entity_id: "text", name: "text", document: "text" })
    .addPrimaryKeyConstraint("iam_inline_policy_key", ["entity_id", "name"])
    .execute();
  await table(db, "iam_access_key", {
    id: "text",
    entity_id: "text",
    sealed_secret: "text",
    status: "text",
    created_at: "integer",
  })
    .addPrimaryKeyConstraint("iam_access_key_key", ["id"])
    .execute();
  await index(db, "iam_access_key", ["entity_id"]);
}
