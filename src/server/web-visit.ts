import { type Incoming, type Outgoing } from "./exchange.ts";
import { htmlAnswer, redirect } from "./page-answer.ts";
import type { PageFiles } from "./page-files.ts";
import type { SiteIds } from "./page-route.ts";
import { plainAnswer, plainTexts } from "./page-text.ts";
import type { WebBody } from "./web-body.ts";
import type { SessionCookie } from "./web-cookie.ts";
import { isLocalVisit } from "./web-local.ts";
import type { Sessions } from "./web-sessions.ts";
import { findSite, isPreviewed } from "./web-site.ts";
import type { Database } from "../store/store.ts";

/** What visits work with. */
export type VisitOptions = {
  readonly db: Database;
  readonly sessions: Sessions;
  readonly cookie: SessionCookie;
  readonly files: () => Promise<PageFiles>;
  readonly publicUrl: string;
};

type Visit = { readonly incoming: Incoming; readonly ids: SiteIds };

/**
 * The site's page. It is the same with and without a session: whether there is one, the page asks
 * itself, because browsers keep strict cookies from a visit that another site's link began.
 */
export async function showPage(options: VisitOptions, { incoming, ids }: Visit): Promise<Outgoing> {
  const { db, sessions, cookie } = options;
  const site = await findSite(db.read, ids);
  const isVisitable =
    site !== undefined || (await sessions.find(ids, cookie.read(incoming))) !== undefined;
  if (!isVisitable) return plainAnswer(404, incoming, plainTexts.missingSite);
  const { index } = await options.files();
  if (index === undefined) return plainAnswer(503, incoming, plainTexts.notBuilt);
  const headers = await previewHeaders(options, { incoming, ids }, site?.arn);
  return htmlAnswer(200, index, { origins: site?.origins ?? [], headers });
}

/** A session for the owner of this machine, where the site's owner allowed it by a tag. */
async function previewHeaders(
  { db, sessions, cookie, publicUrl }: VisitOptions,
  { incoming, ids }: Visit,
  arn: string | undefined,
): Promise<Outgoing["headers"]> {
  const mayBegin =
    arn !== undefined &&
    incoming.method === "GET" &&
    isLocalVisit(incoming, publicUrl) &&
    (await isPreviewed(db.read, { arn })) &&
    (await sessions.find(ids, cookie.read(incoming))) === undefined;
  const opened = mayBegin ? await sessions.begin(ids) : undefined;
  if (opened === undefined || typeof opened === "string") return {};
  return { "set-cookie": cookie.write({ ids, ...opened }) };
}

/** The page behind a one-time link. Fetching it changes nothing: its script redeems the link. */
export async function showOpening(
  { db }: VisitOptions,
  { incoming, ids }: Visit,
): Promise<Outgoing> {
  const site = await findSite(db.read, ids);
  if (site === undefined) return plainAnswer(404, incoming, plainTexts.missingSite);
  return plainAnswer(200, incoming, plainTexts.opening, { origins: site.origins });
}

/** Redeems a one-time link; of two that come at once, one opens a session. */
export async function openLink(
  { sessions, cookie }: VisitOptions,
  { incoming, ids }: Visit,
  { token }: WebBody,
): Promise<Outgoing> {
  const opened = await sessions.redeem(ids, token);
  if (opened === "missing") return plainAnswer(404, incoming, plainTexts.missingSite);
  if (opened === "stale") return plainAnswer(410, incoming, plainTexts.staleLink);
  const location = `../${ids.webExperienceId}`;
  return redirect(location, { "set-cookie": cookie.write({ ids, ...opened }) });
}
