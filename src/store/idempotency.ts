import { sql } from "kysely";
import { type ContentCipher, plainCipher } from "../core/content-cipher.ts";
import type { Readable, WriteTransaction } from "./database.ts";

/** A call as a client token names it: account, Region, operation, and the path it was sent to. */
export type IdempotencyKey = { readonly scope: string; readonly token: string };

/**
 * The answer kept for that token, and the hash of the request it answered.
 *
 * @param cipher for answers and requests that hold content.
 */
export async function find(
  db: Readable,
  key: IdempotencyKey,
  cipher: ContentCipher = plainCipher,
): Promise<{ readonly requestHash: string; readonly response: string } | undefined> {
  const row = await db
    .selectFrom("idempotency")
    .select(["request_hash as requestHash", "response"])
    .where("scope", "=", key.scope)
    .where("token", "=", key.token)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    // A hash of few words is as good as the words.
    requestHash: cipher.openText(placeOf(key, "request"), row.requestHash),
    response: cipher.openText(placeOf(key, "response"), row.response),
  };
}

/** Keeps the answer, in the transaction that did what the answer says. */
export async function put(
  trx: WriteTransaction,
  key: IdempotencyKey,
  answer: { readonly requestHash: string; readonly response: string; readonly at: Date },
  cipher: ContentCipher = plainCipher,
): Promise<void> {
  await trx
    .insertInto("idempotency")
    .values({
      ...key,
      request_hash: cipher.sealText(placeOf(key, "request"), answer.requestHash),
      response: cipher.sealText(placeOf(key, "response"), answer.response),
      created_at: answer.at.getTime(),
    })
    .execute();
}

function placeOf(key: IdempotencyKey, part: string): string {
  return `answer/${JSON.stringify([key.scope, key.token])}/${part}`;
}

/** Forgets answers older than `before`. */
export async function purge(trx: WriteTransaction, before: Date): Promise<void> {
  await trx.deleteFrom("idempotency").where("created_at", "<", before.getTime()).execute();
}

/** Forgets the answers of all scopes that begin with `prefix`. */
export async function removeWithin(trx: WriteTransaction, prefix: string): Promise<void> {
  await trx
    .deleteFrom("idempotency")
    .where("scope", ">=", prefix)
    .where("scope", "<", `${prefix}\u{10ffff}`)
    .execute();
}

/**
 * Forgets what was answered in a conversation. The tokens stay taken: a late retry must not begin
 * the conversation again.
 */
export async function forgetAnswers(
  trx: WriteTransaction,
  of: { readonly scope: string; readonly conversationId: string },
): Promise<void> {
  const { scope, conversationId } = of;
  await trx
    .updateTable("idempotency")
    .set({ response: JSON.stringify({ conversationId }) })
    .where("scope", "=", scope)
    .where(sql<string>`json_extract(response, '$.conversationId')`, "=", conversationId)
    .execute();
}
