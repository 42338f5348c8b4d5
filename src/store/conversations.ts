import type { Readable, WriteTransaction } from "./database.ts";

/** A conversation; only its owner may go on with it. */
export type Conversation = {
  readonly id: string;
  readonly applicationId: string;
  /** A web session, a user, or the caller of an anonymous application. */
  readonly owner: string;
  readonly title: string;
  readonly startedAt: Date;
  readonly lastAt: Date;
};

/** One message; `attributions` is JSON as the API has it. */
export type Message = {
  readonly id: string;
  readonly conversationId: string;
  /** The message it follows, empty for the first. */
  readonly parentId: string;
  readonly type: "USER" | "SYSTEM";
  readonly body: string;
  readonly attributions: string;
  readonly at: Date;
};

/** A conversation by its id. */
export async function find(db: Readable, id: string): Promise<Conversation | undefined> {
  const row = await db
    .selectFrom("conversation")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    id: row.id,
    applicationId: row.application_id,
    owner: row.owner,
    title: row.title,
    startedAt: new Date(row.started_at),
    lastAt: new Date(row.last_at),
  };
}

/** Starts a conversation, or notes that it went on. */
export async function put(trx: WriteTransaction, conversation: Conversation): Promise<void> {
  await trx
    .insertInto("conversation")
    .values({
      id: conversation.id,
      application_id: conversation.applicationId,
      owner: conversation.owner,
      title: conversation.title,
      started_at: conversation.startedAt.getTime(),
      last_at: conversation.lastAt.getTime(),
    })
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet({ last_at: conversation.lastAt.getTime() }),
    )
    .execute();
}

/** Adds a message. */
export async function insertMessage(trx: WriteTransaction, message: Message): Promise<void> {
  await trx
    .insertInto("message")
    .values({
      id: message.id,
      conversation_id: message.conversationId,
      parent_id: message.parentId,
      type: message.type,
      body: message.body,
      attributions: message.attributions,
      at: message.at.getTime(),
    })
    .execute();
}

/** A message of that conversation. */
export async function findMessage(
  db: Readable,
  key: { readonly conversationId: string; readonly messageId: string },
): Promise<Message | undefined> {
  const row = await db
    .selectFrom("message")
    .selectAll()
    .where("id", "=", key.messageId)
    .where("conversation_id", "=", key.conversationId)
    .executeTakeFirst();
  return row === undefined ? undefined : messageOf(row);
}

/** The newest `limit` messages, oldest first. */
export async function lastMessages(
  db: Readable,
  conversationId: string,
  limit: number,
): Promise<readonly Message[]> {
  const rows = await db
    .selectFrom("message")
    .selectAll()
    .where("conversation_id", "=", conversationId)
    .orderBy("sequence", "desc")
    .limit(limit)
    .execute();
  return rows.map(messageOf).reverse();
}

/** Forgets conversations that nobody went on with since `before`; feedback on them is kept. */
export async function purge(trx: WriteTransaction, before: Date, limit: number): Promise<number> {
  const old = await trx
    .selectFrom("conversation")
    .select("id")
    .where("last_at", "<", before.getTime())
    .limit(limit)
    .execute();
  const ids = old.map((row) => row.id);
  await removeAll(trx, ids);
  return ids.length;
}

/** Forgets the conversations of an application, `limit` at a time; how many it were. */
export async function removeOfApplication(
  trx: WriteTransaction,
  applicationId: string,
  limit: number,
): Promise<number> {
  const rows = await trx
    .selectFrom("conversation")
    .select("id")
    .where("application_id", "=", applicationId)
    .limit(limit)
    .execute();
  await removeAll(
    trx,
    rows.map((row) => row.id),
  );
  return rows.length;
}

async function removeAll(trx: WriteTransaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await trx.deleteFrom("message").where("conversation_id", "in", ids).execute();
  await trx.deleteFrom("conversation").where("id", "in", ids).execute();
}

type MessageRow = {
  id: string;
  conversation_id: string;
  parent_id: string;
  type: string;
  body: string;
  attributions: string;
  at: number;
};

function messageOf(row: MessageRow): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    parentId: row.parent_id,
    type: row.type as Message["type"],
    body: row.body,
    attributions: row.attributions,
    at: new Date(row.at),
  };
}
