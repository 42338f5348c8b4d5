import type { Selectable } from "kysely";
import type { ContentCipher } from "../core/content-cipher.ts";
import type { Readable, WriteTransaction } from "./database.ts";
import type { MessageTable } from "./schema.ts";

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

const userPrefix = "user:";

/**
 * How long a conversation of somebody who signs in is kept after it last went on. Source: Amazon Q
 * Business user guide, which says up to 30 days.
 */
export const userRetentionMs = 30 * 24 * 3_600_000;

/** The owner of conversations that a person is; told apart from visitors and calling principals. */
export function ownerOfUser(personId: string): string {
  return userPrefix + personId;
}

/** Whether the owner is a person who signs in. */
export function isUser(owner: string): boolean {
  return owner.startsWith(userPrefix);
}

/** A conversation by its id, with its title as it is stored. */
export async function find(db: Readable, id: string): Promise<Conversation | undefined> {
  const row = await db
    .selectFrom("conversation")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? undefined : conversationOf(row);
}

/** One page of an owner's conversations that went on since then, newest first. */
export async function list(
  db: Readable,
  query: {
    readonly applicationId: string;
    readonly owner: string;
    readonly since: Date;
    /** The last one of the page before. */
    readonly after?: Pick<Conversation, "startedAt" | "id">;
    readonly limit: number;
  },
  cipher: ContentCipher,
): Promise<readonly Conversation[]> {
  let select = db
    .selectFrom("conversation")
    .selectAll()
    .where("application_id", "=", query.applicationId)
    .where("owner", "=", query.owner)
    .where("last_at", ">=", query.since.getTime());
  const { after } = query;
  if (after !== undefined) {
    // By their start, which does not change while somebody turns pages.
    const startedAt = after.startedAt.getTime();
    select = select.where((eb) =>
      eb.or([
        eb("started_at", "<", startedAt),
        eb.and([eb("started_at", "=", startedAt), eb("id", ">", after.id)]),
      ]),
    );
  }
  const rows = await select
    .orderBy("started_at", "desc")
    .orderBy("id")
    .limit(query.limit)
    .execute();
  return rows.map(conversationOf).map(({ title, ...rest }) => ({
    ...rest,
    title: cipher.openText(titleOf(rest.id), title),
  }));
}

/** One page of a conversation's messages, newest first, each with its place in the order. */
export async function listMessages(
  db: Readable,
  query: {
    readonly conversationId: string;
    /** Where the page before ended. */
    readonly before?: number;
    readonly limit: number;
  },
  cipher: ContentCipher,
): Promise<readonly (Message & { readonly sequence: number })[]> {
  let select = db
    .selectFrom("message")
    .selectAll()
    .where("conversation_id", "=", query.conversationId);
  if (query.before !== undefined) select = select.where("sequence", "<", query.before);
  const rows = await select.orderBy("sequence", "desc").limit(query.limit).execute();
  return rows.map((row) => ({ ...messageOf(row, cipher), sequence: row.sequence }));
}

/** Forgets a conversation and its messages; feedback on them is kept. */
export async function remove(trx: WriteTransaction, id: string): Promise<void> {
  await removeAll(trx, [id]);
}

/** Starts a conversation, or notes that it went on. */
export async function put(
  trx: WriteTransaction,
  conversation: Conversation,
  cipher: ContentCipher,
): Promise<void> {
  await trx
    .insertInto("conversation")
    .values({
      id: conversation.id,
      application_id: conversation.applicationId,
      owner: conversation.owner,
      title: cipher.sealText(titleOf(conversation.id), conversation.title),
      started_at: conversation.startedAt.getTime(),
      last_at: conversation.lastAt.getTime(),
    })
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet({ last_at: conversation.lastAt.getTime() }),
    )
    .execute();
}

/** Adds a message. */
export async function insertMessage(
  trx: WriteTransaction,
  message: Message,
  cipher: ContentCipher,
): Promise<void> {
  await trx
    .insertInto("message")
    .values({
      id: message.id,
      conversation_id: message.conversationId,
      parent_id: message.parentId,
      type: message.type,
      body: cipher.sealText(bodyOf(message.id), message.body),
      attributions: cipher.sealText(attributionsOf(message.id), message.attributions),
      at: message.at.getTime(),
    })
    .execute();
}

/** A message of that conversation. */
export async function findMessage(
  db: Readable,
  key: { readonly conversationId: string; readonly messageId: string },
  cipher: ContentCipher,
): Promise<Message | undefined> {
  const row = await db
    .selectFrom("message")
    .selectAll()
    .where("id", "=", key.messageId)
    .where("conversation_id", "=", key.conversationId)
    .executeTakeFirst();
  return row === undefined ? undefined : messageOf(row, cipher);
}

/** The newest `limit` messages, oldest first. */
export async function lastMessages(
  db: Readable,
  conversationId: string,
  limit: number,
  cipher: ContentCipher,
): Promise<readonly Message[]> {
  const rows = await db
    .selectFrom("message")
    .selectAll()
    .where("conversation_id", "=", conversationId)
    .orderBy("sequence", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => messageOf(row, cipher)).reverse();
}

/**
 * Forgets conversations that nobody went on with since `before`, those of people who sign in only
 * after `userRetentionMs` more; feedback on them is kept.
 */
export async function purge(trx: WriteTransaction, before: Date, limit: number): Promise<number> {
  const old = await trx
    .selectFrom("conversation")
    .select("id")
    .where("last_at", "<", before.getTime())
    .where((eb) =>
      eb.or([
        eb("owner", "not like", `${userPrefix}%`),
        eb("last_at", "<", before.getTime() - userRetentionMs),
      ]),
    )
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

type ConversationRow = {
  id: string;
  application_id: string;
  owner: string;
  title: string;
  started_at: number;
  last_at: number;
};

function conversationOf(row: ConversationRow): Conversation {
  return {
    id: row.id,
    applicationId: row.application_id,
    owner: row.owner,
    title: row.title,
    startedAt: new Date(row.started_at),
    lastAt: new Date(row.last_at),
  };
}

type MessageRow = Selectable<MessageTable>;

const titleOf = (id: string): string => `conversation/${id}/title`;
const bodyOf = (id: string): string => `message/${id}/body`;
const attributionsOf = (id: string): string => `message/${id}/attributions`;

function messageOf(row: MessageRow, cipher: ContentCipher): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    parentId: row.parent_id,
    type: row.type as Message["type"],
    body: cipher.openText(bodyOf(row.id), row.body),
    attributions: cipher.openText(attributionsOf(row.id), row.attributions),
    at: new Date(row.at),
  };
}
