import type { ServerConfig } from "../../core/server-config.ts";
import { parseAnswerModel, parseEmbeddingModel, refusalOf } from "../../models/models.ts";
import { shown } from "../arguments.ts";
import { bucketsOf } from "./check-buckets.ts";
import { dataDirOf, tlsOf } from "./check-files.ts";
import { s3CredentialsOf } from "./check-s3-credentials.ts";
import { issuersOf } from "./check-issuers.ts";
import { hooksOf } from "./check-hooks.ts";
import { quotasOf } from "./check-quotas.ts";
import { networkOf } from "./check-zones.ts";
import { usageError } from "../context.ts";
import type { SettingKey } from "./server-settings.ts";
import type { Written, WrittenSettings } from "./gather-settings.ts";

const logLevels = ["debug", "info", "warn", "error"] as const;
const aclDefaults = ["allow", "deny"] as const;
const openDocumentChoices = ["skip", "read"] as const;

/**
 * The configuration of a server, every value checked.
 *
 * @throws CliError with exit code 2: one line that names the setting where it was written, what is
 *   wrong with it, and the way out. Secrets are never repeated.
 */
export function checkConfiguration(
  written: WrittenSettings,
  options: { readonly cwd: string; readonly logLevelDefault?: ServerConfig["logLevel"] },
): ServerConfig {
  refuseUnbuilt(written);
  const rootKey = rootKeyOf(written);
  const s3Endpoint = urlOf(written, "s3-endpoint", { isPathAllowed: true });
  const publicUrl = urlOf(written, "public-url", { isPathAllowed: false });
  const stsEndpoint = urlOf(written, "sts-endpoint", { isPathAllowed: true });
  const tls = tlsOf(written);
  const openDocumentFormats = oneOf(written, "open-document-formats", openDocumentChoices);
  const accountId = matching(written, "account-id", {
    pattern: /^\d{12}$/,
    default: "000000000000",
    form: "12 digits",
  });
  return {
    host: matching(written, "host", {
      pattern: /^[a-z0-9.:%_-]{1,255}$/i,
      default: "127.0.0.1",
      form: "a host name or an address, such as 127.0.0.1, 0.0.0.0 or ::1",
    }),
    port: portOf(written),
    dataDir: dataDirOf(written, options.cwd),
    accountId,
    region: matching(written, "region", {
      pattern: /^[a-z][a-z0-9-]{1,62}$/,
      default: "us-east-1",
      form: "a Region's name, such as us-east-1",
    }),
    ...(rootKey === undefined ? {} : { rootKey }),
    buckets: bucketsOf(written),
    ...(written.has("oidc-issuers") ? { oidcIssuers: issuersOf(written) } : {}),
    ...(written.has("hooks") ? { hooks: hooksOf(written) } : {}),
    ...(written.has("quotas") ? { quotas: quotasOf(written) } : {}),
    ...networkOf(written),
    ...(s3Endpoint === undefined ? {} : { s3Endpoint }),
    ...s3CredentialsOf(written, {
      accountId,
      ...(stsEndpoint === undefined ? {} : { stsEndpoint }),
    }),
    ...(written.has("s3-acl-default") ? { s3AclDefault: aclDefaultOf(written) } : {}),
    ...(openDocumentFormats === undefined ? {} : { openDocumentFormats }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(tls === undefined ? {} : { tls }),
    logLevel: logLevelOf(written, options.logLevelDefault ?? "info"),
  };
}

/** The one value of a setting, and where it was written. */
function single(
  written: WrittenSettings,
  key: SettingKey,
): { readonly text: string; readonly from: string } | undefined {
  const found: Written | undefined = written.get(key);
  return found === undefined ? undefined : { text: found.values[0] ?? "", from: found.from };
}

function matching(
  written: WrittenSettings,
  key: SettingKey,
  rule: { readonly pattern: RegExp; readonly default: string; readonly form: string },
): string {
  const found = single(written, key);
  if (found === undefined) return rule.default;
  if (rule.pattern.test(found.text)) return found.text;
  throw usageError(`${found.from} is ${shown(found.text)}; it must be ${rule.form}.`);
}

function portOf(written: WrittenSettings): number {
  const form = "a whole number from 0 to 65535";
  const text = matching(written, "port", { pattern: /^\d{1,5}$/, default: "8090", form });
  if (Number(text) <= 65_535) return Number(text);
  throw usageError(`${written.get("port")?.from} is ${text}; it must be ${form}.`);
}

function logLevelOf(
  written: WrittenSettings,
  standard: ServerConfig["logLevel"],
): ServerConfig["logLevel"] {
  return oneOf(written, "log-level", logLevels) ?? standard;
}

/**
 * What becomes of documents that a bucket's ACL file does not list: the published `allow`, or `deny`.
 *
 * @throws CliError with exit code 2
 */
export function aclDefaultOf(written: WrittenSettings): "allow" | "deny" {
  return oneOf(written, "s3-acl-default", aclDefaults) ?? "allow";
}

/** A setting that takes one of a few words; undefined where nobody wrote it. */
function oneOf<Word extends string>(
  written: WrittenSettings,
  key: SettingKey,
  words: readonly Word[],
): Word | undefined {
  const found = single(written, key);
  if (found === undefined) return undefined;
  const word = words.find((each) => each === found.text);
  if (word !== undefined) return word;
  throw usageError(`${found.from} is ${shown(found.text)}; it must be one of ${words.join(", ")}.`);
}

function rootKeyOf(written: WrittenSettings): ServerConfig["rootKey"] {
  const id = single(written, "root-access-key-id");
  const secret = single(written, "root-secret-access-key");
  if (id === undefined && secret === undefined) return undefined;
  if (id === undefined || secret === undefined) {
    const [there, missing] =
      id === undefined
        ? [secret?.from, "QUARRY_ROOT_ACCESS_KEY_ID"]
        : [id.from, "QUARRY_ROOT_SECRET_ACCESS_KEY"];
    throw usageError(`${there} is set without ${missing}; set both or neither.`);
  }
  if (!/^\w{3,128}$/.test(id.text)) {
    throw usageError(`${id.from} must be 3 to 128 letters, digits or underscores.`);
  }
  if (!/^[\x21-\x7e]{8,128}$/.test(secret.text)) {
    throw usageError(`${secret.from} must be 8 to 128 visible ASCII characters.`);
  }
  return { accessKeyId: id.text, secretAccessKey: secret.text };
}

function urlOf(
  written: WrittenSettings,
  key: "s3-endpoint" | "sts-endpoint" | "public-url",
  { isPathAllowed }: { readonly isPathAllowed: boolean },
): string | undefined {
  const found = single(written, key);
  if (found === undefined) return undefined;
  const url = found.text.length > 2048 ? null : URL.parse(found.text);
  const refuse = (what: string): Error => usageError(`${found.from} ${what}.`);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw refuse("must be an http or https URL, such as https://docs.example.com");
  }
  // Command lines are visible to other users of a machine, and URLs end up in logs.
  if (url.username !== "" || url.password !== "") throw refuse("must not hold credentials");
  if (url.search !== "" || url.hash !== "") throw refuse("must not have a query or a fragment");
  if (!isPathAllowed && url.pathname !== "/") {
    throw refuse("must not have a path: Quarry answers at the root of its host");
  }
  return url.href.replace(/\/+$/, "");
}

function refuseUnbuilt(written: WrittenSettings): void {
  const inDataDir: Readonly<Record<"database" | "search", string>> = {
    database: "state is kept in SQLite in the data directory",
    search: "its own engine searches in the data directory",
  };
  for (const key of ["database", "search"] as const) {
    const found = written.get(key);
    if (found === undefined) continue;
    throw usageError(
      `${found.from}: other engines are not built yet; leave it out, and ${inDataDir[key]}.`,
    );
  }
  const models = [
    { key: "answer-model", parse: parseAnswerModel },
    { key: "embedding-model", parse: parseEmbeddingModel },
  ] as const;
  for (const { key, parse } of models) {
    const found = single(written, key);
    if (found === undefined) continue;
    const parsed = parse(found.text);
    // The setting is named as it was written, which may be in the environment or in a file.
    if (!parsed.ok) throw usageError(parsed.problem.replace(`--${key}`, () => found.from));
    const refusal = refusalOf(found.from, parsed.setting);
    if (refusal !== undefined) throw usageError(refusal);
  }
}
