import type { ContentCipher } from "../core/content-cipher.ts";
import type { Readable, WriteTransaction } from "./database.ts";

/** What a user thought of one answer, and whether they copied it. */
export type Feedback = {
  readonly messageId: string;
  readonly applicationId: string;
  readonly usefulness?: string;
  readonly reason?: string;
  readonly comment?: string;
  readonly submittedAt?: Date;
  readonly copiedAt?: Date;
  readonly at: Date;
};

/** Stores it. The last call for a message wins, member by member: copying does not undo a thumb. */
export async function put(
  trx: WriteTransaction,
  feedback: Feedback,
  cipher: ContentCipher,
): Promise<void> {
  const judged = feedback.usefulness !== undefined;
  const judgement = {
    usefulness: feedback.usefulness ?? "",
    reason: feedback.reason ?? "",
    comment: cipher.sealText(commentOf(feedback.messageId), feedback.comment ?? ""),
    submitted_at: feedback.submittedAt?.getTime() ?? null,
  };
  const copy = { copied_at: feedback.copiedAt?.getTime() ?? null };
  await trx
    .insertInto("feedback")
    .values({
      message_id: feedback.messageId,
      application_id: feedback.applicationId,
      ...judgement,
      ...copy,
      updated_at: feedback.at.getTime(),
    })
    .onConflict((conflict) =>
      conflict.column("message_id").doUpdateSet({
        ...(judged ? judgement : {}),
        ...(feedback.copiedAt === undefined ? {} : copy),
        updated_at: feedback.at.getTime(),
      }),
    )
    .execute();
}

/** The feedback on a message. */
export async function find(
  db: Readable,
  messageId: string,
  cipher: ContentCipher,
): Promise<Feedback | undefined> {
  const row = await db
    .selectFrom("feedback")
    .selectAll()
    .where("message_id", "=", messageId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    messageId: row.message_id,
    applicationId: row.application_id,
    ...(row.usefulness === "" ? {} : { usefulness: row.usefulness }),
    ...(row.reason === "" ? {} : { reason: row.reason }),
    ...(row.comment === "" ? {} : { comment: cipher.openText(commentOf(messageId), row.comment) }),
    ...(row.submitted_at === null ? {} : { submittedAt: new Date(row.submitted_at) }),
    ...(row.copied_at === null ? {} : { copiedAt: new Date(row.copied_at) }),
    at: new Date(row.updated_at),
  };
}

/** Forgets what was said of an application's answers. */
export async function removeOfApplication(
  trx: WriteTransaction,
  applicationId: string,
): Promise<void> {
  await trx.deleteFrom("feedback").where("application_id", "=", applicationId).execute();
}

const commentOf = (messageId: string): string => `feedback/${messageId}/comment`;
