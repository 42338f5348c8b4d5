import { createHash } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import {
  type Database,
  type WebSession,
  webSessions,
  type WriteTransaction,
} from "../store/store.ts";
import type { SiteIds } from "./page-route.ts";
import { findSite } from "./web-site.ts";

/** A session that has just begun; its secret exists nowhere else. */
export type OpenedSession = {
  readonly secret: string;
  readonly secondsLeft: number;
};

/** Why a link opened nothing. */
export type NotOpened = "stale" | "missing";

/** Sessions of visitors. */
export type Sessions = {
  /** Uses a link up and begins its session, or does neither. */
  readonly redeem: (ids: SiteIds, token: unknown) => Promise<OpenedSession | NotOpened>;
  /** Begins a session without a link. */
  readonly begin: (ids: SiteIds) => Promise<OpenedSession | NotOpened>;
  /** The running session of a secret, if it is one of this site. */
  readonly find: (ids: SiteIds, secret: string | undefined) => Promise<WebSession | undefined>;
};

const secretBytes = 32;
const tokenPattern = /^[A-Za-z0-9_-]{43}$/;
const previewMinutes = 60;

type Options = { readonly db: Database; readonly ids: Ids; readonly now: Clock };

/** Secrets are 256 random bits, and only their hashes are stored. */
export function createSessions(options: Options): Sessions {
  const { db, now } = options;
  return {
    async redeem(ids, token) {
      if (typeof token !== "string" || !tokenPattern.test(token)) return "stale";
      return await undoing(db, async (trx) => {
        const link = await webSessions.redeemLink(trx, hashOf(token), now());
        const isOfThisSite =
          link?.applicationId === ids.applicationId && link.webExperienceId === ids.webExperienceId;
        if (!isOfThisSite) return "stale";
        return begin(trx, ids, link.sessionMinutes, options);
      });
    },
    begin: (ids) => undoing(db, (trx) => begin(trx, ids, previewMinutes, options)),
    async find(ids, secret) {
      if (secret === undefined) return undefined;
      const session = await webSessions.findSession(db.read, hashOf(secret), now());
      const isOfThisSite =
        session?.applicationId === ids.applicationId &&
        session.webExperienceId === ids.webExperienceId;
      return isOfThisSite ? session : undefined;
    },
  };
}

async function begin(
  trx: WriteTransaction,
  ids: SiteIds,
  minutes: number,
  { ids: source, now }: Options,
): Promise<OpenedSession | NotOpened> {
  const site = await findSite(trx, ids);
  if (site === undefined || !site.isAnonymous) return "missing";
  const secret = source.bytes(secretBytes).toString("base64url");
  const at = now();
  await webSessions.insertSession(trx, {
    idHash: hashOf(secret),
    owner: `visitor:${source.uuid()}`,
    applicationId: ids.applicationId,
    webExperienceId: ids.webExperienceId,
    roleArn: site.roleArn,
    expiresAt: new Date(at.getTime() + minutes * 60_000),
  });
  return { secret, secondsLeft: minutes * 60 };
}

class NothingOpened extends Error {
  readonly outcome: NotOpened;
  constructor(outcome: NotOpened) {
    super(outcome);
    this.outcome = outcome;
  }
}

/** Runs a change of which nothing stays where it opens no session: the link is then not used up. */
async function undoing(
  db: Database,
  change: (trx: WriteTransaction) => Promise<OpenedSession | NotOpened>,
): Promise<OpenedSession | NotOpened> {
  try {
    return await db.write(async (trx) => {
      const outcome = await change(trx);
      if (typeof outcome === "string") throw new NothingOpened(outcome);
      return outcome;
    });
  } catch (error) {
    if (error instanceof NothingOpened) return error.outcome;
    throw error;
  }
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
