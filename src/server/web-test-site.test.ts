// A whole installation in a temporary folder, for the tests of the pages: real store, identity,
// search and ingestion, put together as the server's own start does.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { extractiveAnswerer } from "../chat/chat.ts";
import type { InputOf, OperationName, OutputOf } from "../contract/contract.ts";
import { systemIds } from "../core/ids.ts";
import type { Log, LogFields } from "../core/log.ts";
import { publishedQuotas } from "../core/quotas.ts";
import { createExtractor } from "../documents/documents.ts";
import { type Caller, createIdentity } from "../identity/identity.ts";
import { startIngestion } from "../ingestion/ingestion.ts";
import { createObjectStore } from "../objects/objects.ts";
import { createSearch } from "../search/search.ts";
import { iamStore, openDatabase } from "../store/store.ts";
import type { Incoming, Outgoing } from "./exchange.ts";
import { createInvoke } from "./invoke.ts";
import { createMetrics } from "./metrics.ts";
import { createPages, type Pages, type PagesOptions } from "./pages.ts";
import { createBodyBudget } from "./read-body.ts";

const accountId = "000000000000";
const region = "us-east-1";
const publicUrl = "http://127.0.0.1:8090";
export const indexHtml = `<!doctype html><title>Built page</title>`;

type Ids = { readonly applicationId: string; readonly webExperienceId: string };

export type TestSite = AsyncDisposable & {
  readonly pages: Pages;
  readonly logged: { level: string; event: string; fields: LogFields }[];
  /** Moves the clock. */
  readonly pass: (minutes: number) => void;
  /** Calls the API as the root user. */
  readonly api: <Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
  ) => Promise<OutputOf<Name>>;
  /** An anonymous application with index and retriever, a role, and a web experience. */
  readonly makeSite: (options?: SiteOptions) => Promise<Ids & { readonly path: string }>;
  /** Opens a fresh link; the cookie of the session. */
  readonly open: (ids: Ids) => Promise<string>;
  readonly mintToken: (ids: Ids, minutes?: number) => Promise<string>;
  readonly setTrust: (roleArn: string, trustPolicy: object) => Promise<void>;
  readonly setPolicy: (roleArn: string, policy: object) => Promise<void>;
};

export type SiteOptions = {
  readonly actions?: readonly string[];
  readonly site?: Partial<InputOf<"CreateWebExperience">>;
};

/** The published trust policy of a web experience's role. */
export function trustOf(applicationArn: string): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "application.qbusiness.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": accountId },
          ArnEquals: { "aws:SourceArn": applicationArn },
        },
      },
    ],
  };
}

export function allow(actions: readonly string[]): object {
  const Statement = [{ Effect: "Allow", Action: actions, Resource: "*" }];
  return { Version: "2012-10-17", Statement };
}

export const publishedActions = [
  "qbusiness:Chat",
  "qbusiness:ChatSync",
  "qbusiness:PutFeedback",
  "qbusiness:GetChatControlsConfiguration",
  "qbusiness:GetApplication",
];

export async function startTestSite(
  options: Partial<Pick<PagesOptions, "publicUrl" | "pageFolder" | "gauges">> = {},
): Promise<TestSite> {
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-pages-"));
  const pageFolder = join(dataDir, "page");
  await mkdir(join(pageFolder, "assets"), { recursive: true });
  await writeFile(join(pageFolder, "index.html"), indexHtml);
  await writeFile(join(pageFolder, "assets", "index-abc.js"), "export {};");
  await writeFile(join(pageFolder, "secret.txt"), "not for visitors");
  const db = await openDatabase(join(dataDir, "quarry.db"));
  let time = Date.parse("2026-11-21T12:00:00Z");
  const now = (): Date => new Date(time);
  const logged: TestSite["logged"] = [];
  const log: Log = (level, event, fields = {}) => void logged.push({ level, event, fields });
  const root = { accessKeyId: "AKIAROOT", secretAccessKey: "secret" };
  const identity = createIdentity({ db, accountId, root, sealingKey: randomBytes(32) });
  const search = createSearch({ db, threads: 1 });
  const extractor = createExtractor({ processes: 1 });
  const objects = createObjectStore({ buckets: {} });
  const ingestion = await startIngestion({
    db,
    identity,
    search,
    extractor,
    objects,
    ids: systemIds,
    log,
    now,
    region,
    dataDir,
    sourceUriOf: () => undefined,
    unlistedPrefixes: "allow",
    conversationIdleMinutes: 60,
  });
  const invoke = createInvoke({
    db,
    identity,
    search,
    ingestion,
    ids: systemIds,
    log,
    region,
    publicUrl,
    quotas: publishedQuotas,
    answerer: extractiveAnswerer,
    pageTokenKey: randomBytes(32),
  });
  const pages = createPages({
    db,
    identity,
    invoke,
    region,
    log,
    ids: systemIds,
    now,
    publicUrl,
    pageFolder,
    metrics: createMetrics(),
    budget: createBodyBudget(1024 * 1024),
    version: "1.2.3",
    gauges: () => [{ name: "quarry_documents", help: "Documents.", value: 7 }],
    ...options,
  });
  const caller: Caller = {
    principal: { type: "root", account: accountId, arn: `arn:aws:iam::${accountId}:root` },
    accountId,
    entityId: undefined,
  };
  const api: TestSite["api"] = (operation, input) =>
    invoke(operation, input, {
      requestId: "test",
      caller,
      facts: { now: now(), region, isSecure: false, sourceIp: "127.0.0.1" },
      signal: new AbortController().signal,
    });
  const setPolicy: TestSite["setPolicy"] = async (roleArn, policy) => {
    const role = await iamStore.findEntityByArn(db.read, roleArn);
    const document = JSON.stringify(policy);
    await db.write((trx) => iamStore.putPolicy(trx, role?.id ?? "", { name: "site", document }));
    identity.invalidate();
  };
  const mintToken: TestSite["mintToken"] = async (ids, sessionDurationInMinutes = 30) => {
    const { applicationId, webExperienceId } = ids;
    const { anonymousUrl = "" } = await api("CreateAnonymousWebExperienceUrl", {
      applicationId,
      webExperienceId,
      sessionDurationInMinutes,
    });
    return new URL(anonymousUrl).searchParams.get("token") ?? "";
  };
  return {
    pages,
    logged,
    pass: (minutes) => void (time += minutes * 60_000),
    api,
    mintToken,
    setPolicy,
    setTrust: async (roleArn, trustPolicy) => {
      const role = await iamStore.findEntityByArn(db.read, roleArn);
      await db.write((trx) =>
        iamStore.setTrustPolicy(trx, role?.id ?? "", JSON.stringify(trustPolicy)),
      );
      identity.invalidate();
    },
    makeSite: async ({ actions = publishedActions, site } = {}) => {
      const { applicationId = "", applicationArn = "" } = await api("CreateApplication", {
        displayName: "Pellwick",
        identityType: "ANONYMOUS",
      });
      const { indexId } = await api("CreateIndex", { applicationId, displayName: "documents" });
      await api("CreateRetriever", {
        applicationId,
        displayName: "own",
        type: "NATIVE_INDEX",
        configuration: { nativeIndexConfiguration: { indexId: indexId ?? "" } },
      });
      const id = `AROA${randomBytes(8).toString("hex").toUpperCase()}`;
      const arn = `arn:aws:iam::${accountId}:role/${id}`;
      const trustPolicy = JSON.stringify(trustOf(applicationArn));
      const role = { id, accountId, name: id, path: "/", arn, trustPolicy, record: {} };
      await db.write((trx) =>
        iamStore.insertEntity(trx, { ...role, kind: "role", createdAt: now() }),
      );
      identity.invalidate();
      await setPolicy(arn, allow(actions));
      const { webExperienceId = "" } = await api("CreateWebExperience", {
        applicationId,
        roleArn: arn,
        title: "Ask Pellwick",
        ...site,
      });
      return { applicationId, webExperienceId, path: `/web/${applicationId}/${webExperienceId}` };
    },
    open: async (ids) => {
      const token = await mintToken(ids);
      const path = `/web/${ids.applicationId}/${ids.webExperienceId}/open`;
      const answer = await pages.answer(post(path, { token }));
      assert.equal(answer.status, 303);
      return cookieOf(answer);
    },
    [Symbol.asyncDispose]: async () => {
      await ingestion[Symbol.asyncDispose]();
      await extractor[Symbol.asyncDispose]();
      await search[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

type Given = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly host?: string;
  readonly remoteAddress?: string;
};

/** A request as the listener would hand it over. */
export function request(rawTarget: string, given: Given = {}): Incoming {
  const { method = "GET", headers = {}, body = "", host = "127.0.0.1:8090" } = given;
  return {
    method,
    rawTarget,
    headers: [["host", host], ...Object.entries(headers)],
    httpVersion: "1.1",
    isSecure: false,
    remoteAddress: given.remoteAddress ?? "192.0.2.7",
    host,
    body: Readable.from(body === "" ? [] : [Buffer.from(body)]),
    signal: new AbortController().signal,
  };
}

export const ownPage = { "x-quarry-page": "1", origin: publicUrl, "sec-fetch-site": "same-origin" };

/** What the page sends: JSON, with the marks of a call of its own. */
export function post(path: string, body: unknown, cookie?: string): Incoming {
  return request(path, {
    method: "POST",
    headers: {
      ...ownPage,
      "content-type": "application/json",
      ...(cookie === undefined ? {} : { cookie }),
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export function stateOf(path: string, cookie: string): Incoming {
  return request(`${path}/state`, { headers: { ...ownPage, cookie } });
}

export function cookieOf(answer: Outgoing): string {
  const header = answer.headers["set-cookie"];
  return typeof header === "string" ? (header.split(";")[0] ?? "") : "";
}

/** The whole body as text. */
export async function bodyOf(answer: Outgoing): Promise<string> {
  const { body } = answer;
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  return text(Readable.from(body));
}

export type Line = {
  readonly textEvent?: Readonly<Record<string, unknown>>;
  readonly metadataEvent?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly name: string; readonly message: string };
};

export async function jsonOf(answer: Outgoing): Promise<Line & Readonly<Record<string, unknown>>> {
  return JSON.parse(await bodyOf(answer)) as Line & Record<string, unknown>;
}

/** The events of a streamed answer. */
export async function linesOf(answer: Outgoing): Promise<readonly Line[]> {
  const lines = (await bodyOf(answer)).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Line);
}
