// A whole server without sockets, for the leak simulation: operations are called as whoever it
// pleases, and the process can be made to die at any write.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extractiveAnswerer } from "../../src/chat/chat.ts";
import type { InputOf, OperationName, OutputOf } from "../../src/contract/contract.ts";
import { systemIds } from "../../src/core/ids.ts";
import { silentLog } from "../../src/core/log.ts";
import { openVault } from "../../src/core/content-cipher.ts";
import { publishedQuotas } from "../../src/core/quotas.ts";
import { createExtractor, type Extractor } from "../../src/documents/documents.ts";
import { type Caller, createIdentity } from "../../src/identity/identity.ts";
import { type Ingestion, startIngestion } from "../../src/ingestion/ingestion.ts";
import { createKms } from "../../src/kms/kms.ts";
import { createNetwork } from "../../src/network/network.ts";
import { createObjectStore } from "../../src/objects/objects.ts";
import {
  type Call,
  type Operation,
  operations,
  type Services,
} from "../../src/operations/operations.ts";
import { createSearch, type Search } from "../../src/search/search.ts";
import { type Database, iamStore, openDatabase } from "../../src/store/store.ts";
import { accountId, region } from "../support/site.ts";

/** A person who signed in. */
export type Person = { readonly email: string; readonly groups: readonly string[] };

/** A server that can die. */
export type LeakServer = AsyncDisposable & {
  readonly bucket: string;
  /** What the bucket holds lies here. */
  readonly folder: string;
  readonly roleArn: string;
  /** Calls an operation as the administrator, or as a person. */
  readonly call: <Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
    person?: Person,
  ) => Promise<OutputOf<Name>>;
  /**
   * The background work dies at its n-th write from now, of which nobody hears whether it was
   * `done`; `revive` starts it again.
   */
  readonly dieAfter: (writes: number, isDone: boolean) => void;
  /** Starts what has died; with `all`, also what only reads. */
  readonly revive: (options: { readonly all: boolean }) => Promise<void>;
  readonly isDead: () => boolean;
  readonly idle: () => Promise<void>;
};

const quotas = { ...publishedQuotas, applicationsPerAccount: 1_000_000 };

/** The provider that vouches for people. */
export const provider = {
  arn: `arn:aws:iam::${accountId}:oidc-provider/id.example.com`,
  client: "client",
} as const;

const root: Caller = {
  principal: { type: "root", arn: `arn:aws:iam::${accountId}:root`, account: accountId },
  accountId,
  entityId: undefined,
};

function callerOf({ email, groups }: Person): Caller {
  const user = {
    subject: email,
    providerArn: provider.arn,
    audience: provider.client,
    email,
    groups,
  };
  const times = { issuedAt: new Date(), expiresAt: new Date(Date.now() + 3_600_000) };
  return { ...root, session: { ...times, user } };
}

/** A database whose writes fail from some moment on, as those of a process that has ended do. */
function mortal(db: Database) {
  let left = Infinity;
  let isLastDone = false;
  const writer: Database = {
    ...db,
    [Symbol.asyncDispose]: async () => undefined,
    write: async (change) => {
      left -= 1;
      if (left < 0 || (left === 0 && !isLastDone)) throw new Error("The process has ended.");
      const result = await db.write(change);
      if (left <= 0) throw new Error("The process has ended.");
      return result;
    },
  };
  const dieAfter = (writes: number, isDone: boolean): void => {
    left = writes;
    isLastDone = isDone;
  };
  return { writer, dieAfter, isDead: () => left <= 0 };
}

type Alive = {
  readonly db: Database;
  readonly search: Search;
  readonly ingestion: Ingestion;
  readonly mortal: ReturnType<typeof mortal>;
};

/**
 * Opens a server with one bucket.
 *
 * @param options.spoil stands between the server and its engine, to prove that leaks are seen.
 */
export async function openLeakServer(
  options: { readonly extractor?: Extractor; readonly spoil?: (search: Search) => Search } = {},
): Promise<LeakServer> {
  const { spoil = (search: Search) => search } = options;
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-leak-"));
  const folder = join(dataDir, "bucket");
  await mkdir(folder);
  const bucket = "leak-bucket";
  const extractor = options.extractor ?? createExtractor({ processes: 1 });
  const objects = createObjectStore({ buckets: { [bucket]: folder } });
  const [sealingKey, pageTokenKey] = [randomBytes(32), randomBytes(32)];
  const now = () => new Date();
  const parts = (db: Database) => {
    const keys = { accessKeyId: "AKIAROOT", secretAccessKey: "secret" };
    const identity = createIdentity({ db, accountId, root: keys, sealingKey });
    const kms = createKms({ db, identity, region, now });
    const network = createNetwork({ db, identity, ids: systemIds, log: silentLog, now, region });
    return { identity, kms, network, region, now, ids: systemIds, log: silentLog };
  };
  const startWork = (db: Database, search: Search): Promise<Ingestion> =>
    startIngestion({
      ...parts(db),
      db,
      search,
      extractor,
      objects,
      dataDir,
      quotas,
      sourceUriOf: () => undefined,
      unlistedPrefixes: "allow",
      conversationIdleMinutes: 60,
    });
  const open = async (): Promise<Alive> => {
    const db = await openDatabase(join(dataDir, "quarry.db"));
    const dying = mortal(db);
    const search = spoil(createSearch({ db, threads: 1 }));
    return { db, search, mortal: dying, ingestion: await startWork(dying.writer, search) };
  };
  let alive = await open();
  const roleArn = await makeRole(alive.db);
  const servicesOf = ({ db, search, ingestion }: Alive): Services => ({
    ...parts(db),
    db,
    search,
    ingestion,
    vault: openVault,
    answerer: extractiveAnswerer,
    quotas,
    publicUrl: "http://localhost",
    pageTokenKey,
  });
  let services = servicesOf(alive);
  const close = async ({ ingestion, search, db }: Alive, all: boolean): Promise<void> => {
    await ingestion[Symbol.asyncDispose]();
    if (!all) return;
    await search[Symbol.asyncDispose]();
    await db[Symbol.asyncDispose]();
  };
  return {
    bucket,
    folder,
    roleArn,
    call: (name, input, person) => {
      const facts = { now: new Date(), region, isSecure: true, sourceIp: "127.0.0.1" };
      const call: Call = {
        ...services,
        requestId: "request",
        caller: person === undefined ? root : callerOf(person),
        facts,
        now: facts.now,
        signal: new AbortController().signal,
      };
      const run = operations[name] as unknown as Operation<typeof name>;
      return run(input, call);
    },
    dieAfter: (writes, isDone) => alive.mortal.dieAfter(writes, isDone),
    isDead: () => alive.mortal.isDead(),
    revive: async ({ all }) => {
      alive.mortal.dieAfter(0, false);
      await close(alive, all);
      if (all) alive = await open();
      else {
        const dying = mortal(alive.db);
        alive = { ...alive, mortal: dying, ingestion: await startWork(dying.writer, alive.search) };
      }
      services = servicesOf(alive);
    },
    idle: () => alive.ingestion.idle(),
    async [Symbol.asyncDispose]() {
      await close(alive, true);
      await objects[Symbol.asyncDispose]();
      if (options.extractor === undefined) await extractor[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function makeRole(db: Database): Promise<string> {
  const arn = `arn:aws:iam::${accountId}:role/connector`;
  const version = { Version: "2012-10-17" };
  const trust = { Effect: "Allow", Principal: { Service: "qbusiness.amazonaws.com" } };
  await db.write(async (trx) => {
    await iamStore.insertEntity(trx, {
      id: "AROACONNECTOR",
      accountId,
      kind: "role",
      name: "connector",
      path: "/",
      arn,
      trustPolicy: JSON.stringify({
        ...version,
        Statement: [{ ...trust, Action: "sts:AssumeRole" }],
      }),
      record: {},
      createdAt: new Date(),
    });
    const everything = { Effect: "Allow", Action: "*", Resource: "*" };
    const document = JSON.stringify({ ...version, Statement: [everything] });
    await iamStore.putPolicy(trx, "AROACONNECTOR", { name: "own", document });
  });
  return arn;
}

/** Makes an application whose people sign in, with all that it takes to sync the bucket. */
export async function makeLeakSite(
  server: Pick<LeakServer, "call" | "roleArn" | "bucket">,
): Promise<{
  readonly applicationId: string;
  readonly indexId: string;
  readonly retrieverId: string;
  readonly dataSourceId: string;
}> {
  const { applicationId } = await server.call("CreateApplication", {
    displayName: "leaks",
    identityType: "AWS_IAM_IDP_OIDC",
    iamIdentityProviderArn: provider.arn,
    clientIdsForOIDC: [provider.client],
  });
  assert.ok(applicationId);
  const { indexId } = await server.call("CreateIndex", { applicationId, displayName: "index" });
  assert.ok(indexId);
  const { retrieverId } = await server.call("CreateRetriever", {
    applicationId,
    displayName: "retriever",
    type: "NATIVE_INDEX",
    configuration: { nativeIndexConfiguration: { indexId } },
  });
  assert.ok(retrieverId);
  const { dataSourceId } = await server.call("CreateDataSource", {
    applicationId,
    indexId,
    displayName: "source",
    roleArn: server.roleArn,
    configuration: {
      type: "S3",
      syncMode: "FULL_CRAWL",
      version: "1.0.0",
      connectionConfiguration: { repositoryEndpointMetadata: { BucketName: server.bucket } },
      repositoryConfigurations: { document: { fieldMappings: [] } },
      additionalProperties: { aclConfigurationFilePath: "acl.json" },
    } as never,
  });
  assert.ok(dataSourceId);
  return { applicationId, indexId, retrieverId, dataSourceId };
}
