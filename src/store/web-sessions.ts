import { sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";

/** A URL that opens a session once. */
export type WebLink = {
  readonly tokenHash: string;
  readonly applicationId: string;
  readonly webExperienceId: string;
  readonly sessionMinutes: number;
  readonly opensUntil: Date;
};

/** A visitor's session. */
export type WebSession = {
  readonly idHash: string;
  /** Names the session as owner of conversations; not a secret. */
  readonly owner: string;
  readonly applicationId: string;
  readonly webExperienceId: string;
  readonly roleArn: string;
  readonly expiresAt: Date;
};

/** Stores a fresh link. */
export async function insertLink(trx: WriteTransaction, link: WebLink): Promise<void> {
  await trx
    .insertInto("web_link")
    .values({
      token_hash: link.tokenHash,
      application_id: link.applicationId,
      web_experience_id: link.webExperienceId,
      session_minutes: link.sessionMinutes,
      opens_until: link.opensUntil.getTime(),
      used_at: null,
    })
    .execute();
}

/**
 * Uses a link up: of two openings at once exactly one gets it.
 *
 * @returns the link, or undefined where it is unknown, used or too old.
 */
export async function redeemLink(
  trx: WriteTransaction,
  tokenHash: string,
  now: Date,
): Promise<Omit<WebLink, "tokenHash" | "opensUntil"> | undefined> {
  const rows = await sql<{ application: string; web: string; minutes: number }>`
    update web_link set used_at = ${now.getTime()}
    where token_hash = ${tokenHash} and used_at is null and opens_until >= ${now.getTime()}
    returning application_id as application, web_experience_id as web, session_minutes as minutes
  `.execute(trx);
  const row = rows.rows[0];
  if (row === undefined) return undefined;
  return { applicationId: row.application, webExperienceId: row.web, sessionMinutes: row.minutes };
}

/** Links of a web experience that could still be opened; for the cap on them. */
export async function countOpenLinks(
  db: Readable,
  webExperienceId: string,
  now: Date,
): Promise<number> {
  const row = await db
    .selectFrom("web_link")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("web_experience_id", "=", webExperienceId)
    .where("used_at", "is", null)
    .where("opens_until", ">=", now.getTime())
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Stores a session. */
export async function insertSession(trx: WriteTransaction, session: WebSession): Promise<void> {
  await trx
    .insertInto("web_session")
    .values({
      id_hash: session.idHash,
      owner: session.owner,
      application_id: session.applicationId,
      web_experience_id: session.webExperienceId,
      role_arn: session.roleArn,
      expires_at: session.expiresAt.getTime(),
    })
    .execute();
}

/** A session that has not run out. */
export async function findSession(
  db: Readable,
  idHash: string,
  now: Date,
): Promise<WebSession | undefined> {
  const row = await db
    .selectFrom("web_session")
    .selectAll()
    .where("id_hash", "=", idHash)
    .where("expires_at", ">", now.getTime())
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    idHash: row.id_hash,
    owner: row.owner,
    applicationId: row.application_id,
    webExperienceId: row.web_experience_id,
    roleArn: row.role_arn,
    expiresAt: new Date(row.expires_at),
  };
}

/** Forgets links and sessions that ended before `before`. */
export async function purge(trx: WriteTransaction, before: Date): Promise<void> {
  await trx.deleteFrom("web_link").where("opens_until", "<", before.getTime()).execute();
  await trx.deleteFrom("web_session").where("expires_at", "<", before.getTime()).execute();
}

/** Forgets the links and sessions of an application. */
export async function removeOfApplication(
  trx: WriteTransaction,
  applicationId: string,
): Promise<void> {
  await trx.deleteFrom("web_link").where("application_id", "=", applicationId).execute();
  await trx.deleteFrom("web_session").where("application_id", "=", applicationId).execute();
}
