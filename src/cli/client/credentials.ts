import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "../../sigv4/sigv4.ts";
import { CliError, usageError } from "../context.ts";

/** Credentials, and where they were found, for messages. */
export type FoundCredentials = { readonly credentials: Credentials; readonly from: string };

/**
 * Finds the key to sign with: `AWS_ACCESS_KEY_ID` and its secret, else `QUARRY_ROOT_ACCESS_KEY_ID`
 * and its secret, else the root key in the data directory.
 *
 * @throws CliError where there is none, or half of one.
 */
export function findCredentials(
  env: Readonly<Record<string, string | undefined>>,
  dataDir: string,
): FoundCredentials {
  return (
    fromEnv(env, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", env["AWS_SESSION_TOKEN"]) ??
    fromEnv(env, "QUARRY_ROOT_ACCESS_KEY_ID", "QUARRY_ROOT_SECRET_ACCESS_KEY", undefined) ??
    fromKeyFile(join(dataDir, "keys.json"))
  );
}

function fromEnv(
  env: Readonly<Record<string, string | undefined>>,
  idName: string,
  secretName: string,
  sessionToken: string | undefined,
): FoundCredentials | undefined {
  const accessKeyId = env[idName] ?? "";
  const secretAccessKey = env[secretName] ?? "";
  if (accessKeyId === "" && secretAccessKey === "") return undefined;
  if (accessKeyId === "" || secretAccessKey === "") {
    const [there, missing] = accessKeyId === "" ? [secretName, idName] : [idName, secretName];
    throw usageError(`${there} is set without ${missing}; set both or neither.`);
  }
  const token = sessionToken === undefined || sessionToken === "" ? {} : { sessionToken };
  return { credentials: { accessKeyId, secretAccessKey, ...token }, from: idName };
}

function fromKeyFile(path: string): FoundCredentials {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code !== "ENOENT") {
      throw new CliError(`${path} cannot be read (${String(error.code)}); run as its owner.`);
    }
    throw usageError(
      `No credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name the server's --data-dir (there is no ${path}).`,
    );
  }
  const file = readObject(text);
  const { rootAccessKeyId: accessKeyId, rootSecretAccessKey: secretAccessKey } = file;
  if (typeof accessKeyId === "string" && typeof secretAccessKey === "string") {
    return { credentials: { accessKeyId, secretAccessKey }, from: path };
  }
  throw new CliError(`${path} is damaged; restore it from a backup.`);
}

/** The members of a JSON object; none where the text is something else. */
export function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? { ...json } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
