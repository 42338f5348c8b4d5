import { resolve } from "node:path";
import type { Flag, ParsedArguments } from "../arguments.ts";
import { dataDirDefault } from "../settings/check-files.ts";
import { type Client, createClient, ServiceError } from "./client.ts";
import { type CliContext, CliError, usageError } from "../context.ts";
import { findCredentials, type FoundCredentials } from "./credentials.ts";
import { reachableHost } from "../settings/reachable-host.ts";

/** Flags of every command that talks to a running server. */
export const connectionFlags: readonly Flag[] = [
  {
    name: "--endpoint",
    value: "URL",
    help: "the server (AWS_ENDPOINT_URL; http://QUARRY_HOST:QUARRY_PORT, 127.0.0.1 and 8090)",
  },
  { name: "--region", value: "REGION", help: "its Region (QUARRY_REGION; us-east-1)" },
  {
    name: "--data-dir",
    value: "FOLDER",
    help: "where its root key is, unless AWS_ACCESS_KEY_ID is set (QUARRY_DATA_DIR; .quarry)",
  },
  { name: "--json", help: "print JSON" },
];

/** A running server, as the flags and the environment name it. */
export type Connection = {
  readonly client: Client;
  /** @throws CliError where there are none. */
  readonly credentials: () => FoundCredentials;
  readonly dataDir: string;
  readonly isJson: boolean;
};

/** Where a server is by its own settings, which may stand in a file. */
export type ServerPlace = {
  readonly url: string;
  readonly from: string;
  readonly dataDir: string;
  readonly region: string;
  readonly certificate?: Buffer;
};

/**
 * Prepares to talk to a server; nothing is sent yet. Without a flag or `AWS_ENDPOINT_URL` it is the
 * server of `place`, else the one of `QUARRY_HOST` and `QUARRY_PORT`.
 *
 * @throws CliError with exit code 2 for an endpoint that is no URL.
 */
export function connect(
  parsed: Pick<ParsedArguments, "flags">,
  context: CliContext,
  place?: ServerPlace,
): Connection {
  const { env } = context;
  const flag = (name: string): string | undefined => parsed.flags.get(name)?.[0];
  const cwd = context.cwd ?? process.cwd();
  const dataDir =
    place?.dataDir ??
    resolve(cwd, flag("--data-dir") ?? (env["QUARRY_DATA_DIR"] || dataDirDefault));
  let found: FoundCredentials | undefined;
  const credentials = (): FoundCredentials => (found ??= findCredentials(env, dataDir));
  const client = createClient({
    endpoint: endpointOf(flag("--endpoint"), env, place),
    region: place?.region ?? flag("--region") ?? (env["QUARRY_REGION"] || "us-east-1"),
    credentials: () => credentials().credentials,
    now: context.now,
    ...(place?.certificate === undefined ? {} : { certificate: place.certificate }),
  });
  return { client, credentials, dataDir, isJson: parsed.flags.has("--json") };
}

function endpointOf(
  flag: string | undefined,
  env: CliContext["env"],
  place: ServerPlace | undefined,
): string {
  const named = (["AWS_ENDPOINT_URL_QBUSINESS", "AWS_ENDPOINT_URL"] as const).find(
    (name) => (env[name] ?? "") !== "",
  );
  const [text, from] =
    flag !== undefined
      ? [flag, "--endpoint"]
      : named !== undefined
        ? [env[named] ?? "", named]
        : place !== undefined
          ? [place.url, place.from]
          : [`http://${hostOf(env)}:${env["QUARRY_PORT"] || "8090"}`, "QUARRY_HOST or QUARRY_PORT"];
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw usageError(`${from} must be an http or https URL, such as http://127.0.0.1:8090.`);
  }
  if (url.username !== "" || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw usageError(`${from} must be a host and a port alone, such as http://127.0.0.1:8090.`);
  }
  return url.origin;
}

function hostOf(env: CliContext["env"]): string {
  return reachableHost(env["QUARRY_HOST"] || "127.0.0.1");
}

const keyErrors: ReadonlySet<string> = new Set([
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
]);

/** Says of a refused key where it came from: a forgotten variable is the usual cause. */
export function explainKeyErrors(error: unknown, connection: Connection): unknown {
  if (!(error instanceof ServiceError) || !keyErrors.has(error.code)) return error;
  const { from } = connection.credentials();
  const hint = from.endsWith("_ID") ? ` unset it to use the key in ${connection.dataDir}.` : "";
  const key = `The key was taken from ${from};`;
  return new CliError(`${error.message} ${key}${hint || " is it this server's?"}`, error.exitCode, {
    cause: error,
  });
}
