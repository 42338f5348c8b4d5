#!/usr/bin/env node
// The composition root: the only place that picks adapters and puts the parts together.
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import packageFile from "../package.json" with { type: "json" };
import { extractiveAnswerer } from "./chat/chat.ts";
import { runCli } from "./cli/cli.ts";
import { sourceUri } from "./connectors/connectors.ts";
import { systemClock } from "./core/clock.ts";
import { keepHeapsSmall } from "./core/heap.ts";
import { systemIds } from "./core/ids.ts";
import { createLog } from "./core/log.ts";
import { makeFolder } from "./core/make-folder.ts";
import { isOwnAddress } from "./core/own-address.ts";
import { quotasWith } from "./core/quotas.ts";
import type { RunningServer, ServerConfig } from "./core/server-config.ts";
import { createExtractor } from "./documents/documents.ts";
import { createIdentity, loadInstallationKeys } from "./identity/identity.ts";
import { startIngestion } from "./ingestion/ingestion.ts";
import { createContentVault, createKms, createObjectKeys, startKeyMaintenance } from "./kms/kms.ts";
import { type Agents, createNetwork } from "./network/network.ts";
import { createObjectStore } from "./objects/objects.ts";
import { checkOperations, type Services } from "./operations/operations.ts";
import { createSearch } from "./search/search.ts";
import { type Gauge, startServer } from "./server/server.ts";
import { jobs, lockDataDir, openDatabase } from "./store/store.ts";

const graceMs = 10_000;
/** A parser's process holds 130 MB: not worth keeping for documents that may never come. */
const extractorIdleMs = 5_000;

/**
 * Starts a server with everything behind it.
 *
 * @throws Error with one clear line for a configuration that cannot work.
 */
export async function serve(config: ServerConfig): Promise<RunningServer> {
  checkOperations();
  keepHeapsSmall();
  const { dataDir, accountId, region } = config;
  const now = systemClock;
  const ids = systemIds;
  const log = createLog({
    write: (line) => process.stderr.write(line),
    min: config.logLevel,
    now,
  });
  await using parts = new AsyncDisposableStack();
  await makeFolder(dataDir);
  parts.use(lockDataDir(dataDir));
  const keys = await loadInstallationKeys(dataDir, config.rootKey);
  const db = parts.use(await openDatabase(join(dataDir, "quarry.db")));
  const { sealingKey, root, pageTokenKey } = keys;
  const identity = createIdentity({
    db,
    accountId,
    root,
    sealingKey,
    ...(config.oidcIssuers === undefined ? {} : { oidcIssuers: config.oidcIssuers }),
  });
  const kms = createKms({ db, identity, region, now });
  const vault = createContentVault({ db, kms, now });
  parts.use(startKeyMaintenance({ db, vault, now, log }));
  const cores = availableParallelism();
  const search = parts.use(createSearch({ db, log, vault, threads: cores }));
  const { openDocumentFormats = "skip" } = config;
  const reading = { processes: cores, idleMs: extractorIdleMs, openDocumentFormats };
  const extractor = parts.use(createExtractor(reading));
  const network = createNetwork({ db, identity, ids, log, now, region, config: config.network });
  parts.defer(network.close);
  const objects = parts.use(createObjectStore(objectOptions(config, network.outside.agents)));
  const quotas = quotasWith(config.quotas ?? {});
  const ingestion = parts.use(
    await startIngestion({
      db,
      search,
      vault,
      decryptObject: createObjectKeys({ kms, region }),
      extractor,
      identity,
      objects,
      network,
      region,
      log,
      now,
      ids,
      dataDir,
      hooks: config.hooks,
      sourceUriOf: (bucket, key) => addressOf(config, bucket, key),
      quotas,
      unlistedPrefixes: config.s3AclDefault ?? "allow",
      conversationIdleMinutes: quotas.anonymousConversationIdleMinutes,
    }),
  );
  const publicUrlOf = (port: number): string => config.publicUrl ?? urlOf(config, port);
  const services: Omit<Services, "publicUrl"> = {
    db,
    identity,
    search,
    ingestion,
    network,
    vault,
    kms,
    answerer: extractiveAnswerer,
    ids,
    log,
    quotas,
    region,
    pageTokenKey,
  };
  const listener = await startServer({
    services,
    publicUrlOf,
    host: config.host,
    port: config.port,
    ...(await tlsOf(config)),
    now,
    log,
    version: packageFile.version,
    pageFolder: pageFolder(),
    gauges: async (): Promise<readonly Gauge[]> => [
      ...ingestion.gauges(),
      ...(await jobs.counts(db.read)).flatMap(({ queue, waiting, dead }) => [
        {
          name: "quarry_jobs_waiting",
          help: "Jobs to be done.",
          labels: { queue },
          value: waiting,
        },
        { name: "quarry_jobs_dead", help: "Jobs given up.", labels: { queue }, value: dead },
      ]),
    ],
  });
  const url = urlOf(config, listener.port);
  // Otherwise the first question would pay for starting a thread.
  setImmediate(() => void search.warmUp().catch(() => undefined));
  const running = parts.move();
  return {
    url,
    publicUrl: publicUrlOf(listener.port),
    rootKey: root,
    isRootKeyNew: keys.isNew,
    close: async () => {
      await listener.close(graceMs);
      // Uses of keys are noted once a minute; what is left of this one would be lost.
      await identity.keyUses.flush();
      await running.disposeAsync();
    },
  };
}

function urlOf({ host, tls }: ServerConfig, port: number): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${tls === undefined ? "http" : "https"}://${name}:${port}`;
}

/**
 * Amazon S3 is asked only where somebody has set up access to it. An environment whose endpoint is
 * this server is one of its clients', and so are the keys in it.
 */
function objectOptions(
  config: ServerConfig,
  agents: Agents,
): Parameters<typeof createObjectStore>[0] {
  const { buckets, s3Endpoint, s3Credentials, stsEndpoint, stsExternalId, region } = config;
  const { AWS_ENDPOINT_URL: endpoint = "", AWS_ENDPOINT_URL_S3: ofS3 = endpoint } = process.env;
  if (s3Endpoint === undefined && isOwnAddress(ofS3, config)) return { buckets };
  const hasCredentials = ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"].some(
    (name) => process.env[name] !== undefined,
  );
  const assumes = s3Credentials === "assume-role";
  if (s3Endpoint === undefined && !hasCredentials && !assumes) return { buckets };
  const s3 = { region, agents, ...(s3Endpoint === undefined ? {} : { endpoint: s3Endpoint }) };
  if (!assumes) return { buckets, s3 };
  const assumeRole = {
    ...(stsEndpoint === undefined ? {} : { stsEndpoint }),
    ...(stsExternalId === undefined ? {} : { externalId: stsExternalId }),
  };
  return { buckets, s3, assumeRole };
}

/** Where people reach an object: folders have no address. */
function addressOf(
  { buckets, s3Endpoint }: ServerConfig,
  bucket: string,
  key: string,
): string | undefined {
  if (Object.hasOwn(buckets, bucket)) return undefined;
  return sourceUri({ bucket, key, ...(s3Endpoint === undefined ? {} : { endpoint: s3Endpoint }) });
}

async function tlsOf({
  tls,
}: ServerConfig): Promise<{ tls?: { certificate: string; key: string } }> {
  if (tls === undefined) return {};
  const [certificate, key] = await Promise.all([
    readFile(tls.certificateFile, "utf8"),
    readFile(tls.keyFile, "utf8"),
  ]);
  return { tls: { certificate, key } };
}

/** The built page lies beside the sources, and inside the built package. */
function pageFolder(): string {
  const isBuilt = import.meta.url.endsWith(".js");
  return fileURLToPath(new URL(isBuilt ? "./ui" : "../ui/dist", import.meta.url));
}

if (import.meta.main) {
  // Whoever reads what a command prints may stop early, as `head` does.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  process.exitCode = await runCli({
    argv: process.argv.slice(2),
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    isTerminal: process.stdout.isTTY === true,
    now: systemClock,
    serve,
    projectRoot: fileURLToPath(new URL("..", import.meta.url)),
  });
}
