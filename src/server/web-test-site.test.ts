// A whole installation in a temporary folder, for the tests of the pages: real store, identity,
// search and ingestion, put together as the server's own start does.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { type Answerer, extractiveAnswerer } from "../chat/chat.ts";
import type { InputOf, OperationName, OutputOf } from "../contract/contract.ts";
import { systemIds } from "../core/ids.ts";
import type { Log, LogFields } from "../core/log.ts";
import { openVault } from "../core/content-cipher.ts";
import { publishedQuotas } from "../core/quotas.ts";
import { createExtractor } from "../documents/documents.ts";
import { type Caller, createIdentity, type Identity } from "../identity/identity.ts";
import { type Ingestion, startIngestion } from "../ingestion/ingestion.ts";
import { createKms } from "../kms/kms.ts";
import { createNetwork } from "../network/network.ts";
import { createObjectStore } from "../objects/objects.ts";
import { createSearch } from "../search/search.ts";
import { type Database, iamStore, openDatabase } from "../store/store.ts";
import type { Incoming, Outgoing } from "./exchange.ts";
import { createInvoke, type Invoke } from "./invoke.ts";
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
  readonly makeSite: (
    options?: SiteOptions,
  ) => Promise<Ids & { readonly path: string; readonly indexId: string }>;
  /** Puts a document that everybody may see, and waits until it is indexed. */
  readonly put: (
    ids: { readonly applicationId: string; readonly indexId: string },
    title: string,
    text: string,
  ) => Promise<void>;
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

type TestOptions = Partial<Pick<PagesOptions, "publicUrl" | "pageFolder" | "gauges">> & {
  readonly answerer?: Answerer;
};

export async function startTestSite(options: TestOptions = {}): Promise<TestSite> {
  let time = Date.parse("2026-11-21T12:00:00Z");
  const now = (): Date => new Date(time);
  const logged: TestSite["logged"] = [];
  const log: Log = (level, event, fields = {}) => void logged.push({ level, event, fields });
  const parts = await openParts(options, { now, log });
  const { invoke, pages, ingestion } = parts;
  const principal = { type: "root", account: accountId, arn: `arn:aws:iam::${accountId}:root` };
  const caller = { principal, accountId, entityId: undefined } as Caller;
  const api: TestSite["api"] = (operation, input) =>
    invoke(operation, input, {
      requestId: "test",
      caller,
      facts: { now: now(), region, isSecure: false, sourceIp: "127.0.0.1" },
      signal: new AbortController().signal,
    });
  const mintToken: TestSite["mintToken"] = async (ids, sessionDurationInMinutes = 30) => {
    const { applicationId, webExperienceId } = ids;
    const input = { applicationId, webExperienceId, sessionDurationInMinutes };
    const { anonymousUrl = "" } = await api("CreateAnonymousWebExperienceUrl", input);
    return new URL(anonymousUrl).searchParams.get("token") ?? "";
  };
  const roles = rolesOf(parts, now);
  return {
    pages,
    logged,
    pass: (minutes) => void (time += minutes * 60_000),
    api,
    mintToken,
    ...roles,
    makeSite: (siteOptions) => makeSite(api, roles, siteOptions),
    put: async ({ applicationId, indexId }, title, text) => {
      const documents = [{ id: title, title, content: { blob: Buffer.from(text) } }];
      await api("BatchPutDocument", { applicationId, indexId, documents });
      ingestion.wake();
      await ingestion.idle();
    },
    open: async (ids) => {
      const token = await mintToken(ids);
      const path = `/web/${ids.applicationId}/${ids.webExperienceId}/open`;
      const answer = await pages.answer(post(path, { token }));
      assert.equal(answer.status, 303);
      return cookieOf(answer);
    },
    [Symbol.asyncDispose]: parts.close,
  };
}

type Parts = {
  readonly db: Database;
  readonly identity: Identity;
  readonly ingestion: Ingestion;
  readonly invoke: Invoke;
  readonly pages: Pages;
  readonly close: () => Promise<void>;
};

async function openParts(
  { answerer = extractiveAnswerer, ...options }: TestOptions,
  { now, log }: { readonly now: () => Date; readonly log: Log },
): Promise<Parts> {
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-pages-"));
  const pageFolder = await makePageFolder(dataDir);
  const db = await openDatabase(join(dataDir, "quarry.db"));
  const root = { accessKeyId: "AKIAROOT", secretAccessKey: "secret" };
  const identity = createIdentity({ db, accountId, root, sealingKey: randomBytes(32) });
  const search = createSearch({ db, threads: 1 });
  const extractor = createExtractor({ processes: 1 });
  const objects = createObjectStore({ buckets: {} });
  const network = createNetwork({ db, identity, ids: systemIds, log, now, region });
  const shared = { db, identity, search, network, ids: systemIds, log, region };
  const ingestion = await startIngestion({
    ...shared,
    extractor,
    objects,
    now,
    dataDir,
    sourceUriOf: () => undefined,
    quotas: publishedQuotas,
    unlistedPrefixes: "allow",
    conversationIdleMinutes: 60,
  });
  const pageTokenKey = randomBytes(32);
  const invoke = createInvoke({
    ...shared,
    vault: openVault,
    kms: createKms({ db, identity, region, now }),
    ingestion,
    publicUrl,
    quotas: publishedQuotas,
    answerer,
    pageTokenKey,
  });
  const pages = createPages({
    ...shared,
    invoke,
    now,
    publicUrl,
    pageFolder,
    metrics: createMetrics(),
    budget: createBodyBudget(1024 * 1024),
    version: "1.2.3",
    openContent: (token) => ingestion.contents.open(token, { now: now(), key: pageTokenKey }),
    gauges: () => [{ name: "quarry_documents", help: "Documents.", value: 7 }],
    ...options,
  });
  const close = async (): Promise<void> => {
    for (const part of [ingestion, extractor, search, db]) await part[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { db, identity, ingestion, invoke, pages, close };
}

async function makePageFolder(dataDir: string): Promise<string> {
  const folder = join(dataDir, "page");
  await mkdir(join(folder, "assets"), { recursive: true });
  await writeFile(join(folder, "index.html"), indexHtml);
  await writeFile(join(folder, "assets", "index-abc.js"), "export {};");
  await writeFile(join(folder, "secret.txt"), "not for visitors");
  return folder;
}

type Roles = Pick<TestSite, "setTrust" | "setPolicy"> & {
  readonly makeRole: (trustPolicy: object) => Promise<string>;
};

function rolesOf({ db, identity }: Parts, now: () => Date): Roles {
  const idOf = async (roleArn: string): Promise<string> =>
    (await iamStore.findEntityByArn(db.read, roleArn))?.id ?? "";
  return {
    setPolicy: async (roleArn, policy) => {
      const [id, document] = [await idOf(roleArn), JSON.stringify(policy)];
      await db.write((trx) => iamStore.putPolicy(trx, id, { name: "site", document }));
      identity.invalidate();
    },
    setTrust: async (roleArn, trustPolicy) => {
      const [id, document] = [await idOf(roleArn), JSON.stringify(trustPolicy)];
      await db.write((trx) => iamStore.setTrustPolicy(trx, id, document));
      identity.invalidate();
    },
    makeRole: async (trust) => {
      const id = `AROA${randomBytes(8).toString("hex").toUpperCase()}`;
      const arn = `arn:aws:iam::${accountId}:role/${id}`;
      const kept = { id, accountId, name: id, path: "/", arn, record: {}, createdAt: now() };
      const trustPolicy = JSON.stringify(trust);
      await db.write((trx) => iamStore.insertEntity(trx, { ...kept, kind: "role", trustPolicy }));
      identity.invalidate();
      return arn;
    },
  };
}

async function makeSite(
  api: TestSite["api"],
  { makeRole, setPolicy }: Roles,
  { actions = publishedActions, site }: SiteOptions = {},
): ReturnType<TestSite["makeSite"]> {
  const { applicationId = "", applicationArn = "" } = await api("CreateApplication", {
    displayName: "Pellwick",
    identityType: "ANONYMOUS",
  });
  const { indexId = "" } = await api("CreateIndex", { applicationId, displayName: "documents" });
  await api("CreateRetriever", {
    applicationId,
    displayName: "own",
    type: "NATIVE_INDEX",
    configuration: { nativeIndexConfiguration: { indexId } },
  });
  const roleArn = await makeRole(trustOf(applicationArn));
  await setPolicy(roleArn, allow(actions));
  const { webExperienceId = "" } = await api("CreateWebExperience", {
    applicationId,
    roleArn,
    title: "Ask Pellwick",
    ...site,
  });
  const path = `/web/${applicationId}/${webExperienceId}`;
  return { applicationId, webExperienceId, indexId, path };
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
