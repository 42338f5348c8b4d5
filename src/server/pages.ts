import { randomUUID } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import { reasonOf } from "../core/log.ts";
import { headerOf, type Incoming, type Outgoing } from "./exchange.ts";
import type { Gauge, Metrics } from "./metrics.ts";
import { notAllowed, redirect, refusal, textAnswer, withoutBody } from "./page-answer.ts";
import { contentAnswer, type OpenedContent } from "./page-content.ts";
import { loadPageFiles, type PageFiles } from "./page-files.ts";
import { addressOf, createLimiter, type Limiter, type RateName } from "./page-limits.ts";
import { type PageRoute, routePage, type SiteIds } from "./page-route.ts";
import { healthAnswer, metricsAnswer, rootAnswer } from "./page-status.ts";
import { plainAnswer, plainTexts } from "./page-text.ts";
import type { BodyBudget } from "./read-body.ts";
import { recordRequest } from "./request-record.ts";
import { readWebBody } from "./web-body.ts";
import { callAsRole, type WebCallOptions, webFailureOf } from "./web-call.ts";
import { answerChat } from "./web-chat.ts";
import { sessionCookie } from "./web-cookie.ts";
import { answerFeedback } from "./web-feedback.ts";
import { isForeign } from "./web-same-origin.ts";
import { createSessions } from "./web-sessions.ts";
import { answerState } from "./web-state.ts";
import { openLink, showOpening, showPage, type VisitOptions } from "./web-visit.ts";

/** What the pages work with. */
export type PagesOptions = WebCallOptions & {
  readonly ids: Ids;
  readonly now: Clock;
  readonly metrics: Metrics;
  readonly budget: BodyBudget;
  /** Without a slash at the end. */
  readonly publicUrl: string;
  readonly version: string;
  /** The folder of the built page, with `index.html` and `assets/`. */
  readonly pageFolder: string;
  /** Read at every `GET /metrics`. */
  readonly gauges: () => readonly Gauge[] | Promise<readonly Gauge[]>;
  /** Opens the copy of a document by the token of its address; undefined for any other text. */
  readonly openContent: (token: string) => Promise<OpenedContent | undefined>;
};

/** The part of the port that needs no signature. */
export type Pages = {
  /** Whether a request is for the pages; all others are signed calls. */
  readonly handles: (incoming: Pick<Incoming, "method" | "rawTarget" | "headers">) => boolean;
  /** Answers a request that `handles` took. Never rejects. */
  readonly answer: (incoming: Incoming) => Promise<Outgoing>;
};

type Context = PagesOptions & VisitOptions & { readonly limiter: Limiter };
type Progress = { readonly requestId: string; caller?: string; errorName?: string };

/**
 * Makes health, metrics and the web experience's pages ("Using an Amazon Q Business web
 * experience", user guide): `/health`, `/metrics`, `/`, and below `/web/`.
 */
export function createPages(options: PagesOptions): Pages {
  const { db, ids, now, publicUrl } = options;
  let files: Promise<PageFiles> | undefined;
  const context: Context = {
    ...options,
    sessions: createSessions({ db, ids, now }),
    cookie: sessionCookie(publicUrl),
    limiter: createLimiter(now),
    files: async () => {
      // Read once; what could not be read, or was not built yet, is looked for again.
      files ??= loadPageFiles(options.pageFolder);
      const loaded = await files.catch(() => undefined);
      if (loaded?.index !== undefined) return loaded;
      const failed = files;
      files = undefined;
      return failed;
    },
  };
  return {
    handles: ({ method, rawTarget, headers }) => {
      const route = routePage(rawTarget);
      if (route?.kind !== "root") return route !== undefined;
      // IAM and STS have their calls at the same address: signed, and mostly by POST.
      const isSigned = headerOf({ headers }, "authorization") !== undefined;
      return !isSigned && rawTarget === "/" && (method === "GET" || method === "HEAD");
    },
    answer: (incoming) => answerRecorded(context, incoming),
  };
}

async function answerRecorded(context: Context, incoming: Incoming): Promise<Outgoing> {
  const startedAt = performance.now();
  const progress: Progress = { requestId: randomUUID() };
  const route = routePage(incoming.rawTarget) ?? { kind: "missing" };
  const answer = await answerRoute(context, incoming, route, progress).catch((error: unknown) => {
    const { requestId } = progress;
    context.log("error", "page.failed", { requestId, reason: reasonOf(error) });
    progress.errorName = "InternalServerException";
    return plainAnswer(500, incoming, plainTexts.failed);
  });
  const record = {
    ...progress,
    service: "page",
    operation: `page.${route.kind}`,
    status: answer.status,
    durationMs: performance.now() - startedAt,
  };
  recordRequest(incoming, record, context);
  return incoming.method === "HEAD" ? withoutBody(answer) : answer;
}

async function answerRoute(
  context: Context,
  incoming: Incoming,
  route: PageRoute,
  progress: Progress,
): Promise<Outgoing> {
  const isReading = incoming.method === "GET" || incoming.method === "HEAD";
  switch (route.kind) {
    case "chat":
    case "feedback":
      if (incoming.method !== "POST") return notAllowed("POST");
      return answerCall(context, incoming, route, progress);
    case "open":
      if (incoming.method === "POST") return answerOpen(context, incoming, route.ids);
      if (!isReading) return notAllowed("GET, HEAD, POST");
      return limited(context, incoming) ?? showOpening(context, { incoming, ids: route.ids });
    case "content":
      if (incoming.method !== "GET") return notAllowed("GET");
      return limited(context, incoming) ?? contentAnswer(await context.openContent(route.token));
    default:
      if (!isReading) return notAllowed("GET, HEAD");
      return answerReading(context, incoming, route, progress);
  }
}

async function answerReading(
  context: Context,
  incoming: Incoming,
  route: PageRoute,
  progress: Progress,
): Promise<Outgoing> {
  switch (route.kind) {
    case "root":
      return rootAnswer(context.version);
    case "health":
      return healthAnswer(context.db);
    case "metrics":
      return metricsAnswer(context.metrics, context.gauges);
    case "asset":
      return answerAsset((await context.files()).find(route.name), incoming);
    case "slash":
      return redirect(`../${route.ids.webExperienceId}`);
    case "page":
      return limited(context, incoming) ?? showPage(context, { incoming, ids: route.ids });
    case "state":
      return answerCall(context, incoming, route, progress);
    default:
      return plainAnswer(404, incoming, plainTexts.missing);
  }
}

function answerAsset(file: Outgoing | undefined, incoming: Incoming): Outgoing {
  if (file === undefined) return textAnswer(404, "No such file.\n");
  const isKnown = headerOf(incoming, "if-none-match") === file.headers["etag"];
  return isKnown ? { ...withoutBody(file), status: 304 } : file;
}

function limited({ limiter }: Context, incoming: Incoming): Outgoing | undefined {
  const wait = limiter.take("pagePerAddress", addressOf(incoming));
  if (wait === 0) return undefined;
  return plainAnswer(429, incoming, plainTexts.tooMany, {
    headers: { "retry-after": String(wait) },
  });
}

async function answerOpen(context: Context, incoming: Incoming, ids: SiteIds): Promise<Outgoing> {
  if (isForeign(incoming, context.publicUrl)) {
    return plainAnswer(403, incoming, plainTexts.foreign);
  }
  const wait = context.limiter.take("openPerAddress", addressOf(incoming));
  if (wait > 0) {
    const headers = { "retry-after": String(wait) };
    return plainAnswer(429, incoming, plainTexts.tooMany, { headers });
  }
  const read = await readWebBody(incoming, context.budget);
  return "refused" in read ? read.refused : openLink(context, { incoming, ids }, read.body);
}

const foreign = { name: "ForeignRequest", message: "Only this server's page may call this." };

const expired = {
  name: "ExpiredSession",
  message:
    "This page opens with a one-time link and stays open for a limited time. (For the site's owner: CreateAnonymousWebExperienceUrl makes such links.)",
};

/** The three calls of the page, in one order of checks: origin, rate, session, rate, body, role. */
async function answerCall(
  context: Context,
  incoming: Incoming,
  { kind, ids }: { readonly kind: "state" | "chat" | "feedback"; readonly ids: SiteIds },
  progress: Progress,
): Promise<Outgoing> {
  const { limiter, sessions, cookie, log } = context;
  if (isForeign(incoming, context.publicUrl)) return refusal(403, foreign);
  const wait = limiter.take("callPerAddress", addressOf(incoming));
  if (wait > 0) return tooMany(wait);
  const session = await sessions.find(ids, cookie.read(incoming));
  if (session === undefined) return refusal(401, expired);
  const rate: RateName = kind === "chat" ? "chatPerSession" : "callPerSession";
  const sessionWait = limiter.take(rate, session.owner);
  if (sessionWait > 0) return tooMany(sessionWait);
  const read = kind === "state" ? { body: {} } : await readWebBody(incoming, context.budget);
  if ("refused" in read) return read.refused;
  const failureOf = (error: unknown): ReturnType<typeof webFailureOf> =>
    webFailureOf(error, progress.requestId, log);
  try {
    const now = context.now();
    const { requestId } = progress;
    const call = await callAsRole(context, { incoming, requestId, now, session });
    progress.caller = call.caller;
    const { applicationId } = ids;
    const { body } = read;
    if (kind === "state") return await answerState(call, session, context.db.read);
    if (kind === "feedback") return await answerFeedback(call, { applicationId, body, now });
    return await answerChat(call, { applicationId, body }, failureOf);
  } catch (error) {
    const { status, name, message } = failureOf(error);
    progress.errorName = name;
    return refusal(status, { name, message });
  }
}

function tooMany(wait: number): Outgoing {
  const message = `Too many calls at once; try again in ${wait} seconds.`;
  return refusal(429, { name: "ThrottlingException", message }, { "retry-after": String(wait) });
}
