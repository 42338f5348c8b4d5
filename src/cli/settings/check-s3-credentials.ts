import type { ServerConfig } from "../../core/server-config.ts";
import { shown } from "../arguments.ts";
import { usageError } from "../context.ts";
import type { WrittenSettings } from "./gather-settings.ts";

type Settings = Pick<ServerConfig, "s3Credentials" | "stsEndpoint" | "stsExternalId">;

/** Source: "AssumeRole", AWS STS API Reference, `ExternalId`. */
const externalIdPattern = /^[\w+=,.@:/-]{2,1224}$/;

/**
 * Whose credentials read the S3 store.
 *
 * @param stsEndpoint already checked to be a URL
 * @param accountId of this server, whose roles are the ones to assume
 * @throws CliError with exit code 2 for another value, and for settings that cannot work together
 */
export function s3CredentialsOf(
  written: WrittenSettings,
  { stsEndpoint, accountId }: { readonly stsEndpoint?: string; readonly accountId: string },
): Settings {
  const found = written.get("s3-credentials");
  const text = found?.values[0];
  if (text !== undefined && text !== "chain" && text !== "assume-role") {
    throw usageError(`${found?.from} is ${shown(text)}; it must be chain or assume-role.`);
  }
  const externalId = written.get("sts-external-id");
  if (text !== "assume-role") {
    const idle = written.get("sts-endpoint") ?? externalId;
    if (idle === undefined) return text === undefined ? {} : { s3Credentials: text };
    throw usageError(
      `${idle.from} is set, but no roles are assumed; set s3-credentials to assume-role.`,
    );
  }
  const stsExternalId = externalId?.values[0];
  if (stsExternalId !== undefined && !externalIdPattern.test(stsExternalId)) {
    // Not shown: some treat it as a secret.
    throw usageError(
      `${externalId?.from} must be 2 to 1224 letters, digits or characters of _+=,.@:/-.`,
    );
  }
  if (stsEndpoint === undefined && accountId === "000000000000") {
    throw usageError(
      `${found?.from} is assume-role, but no role of AWS is of account 000000000000; set account-id to the account of the roles.`,
    );
  }
  return {
    s3Credentials: text,
    ...(stsEndpoint === undefined ? {} : { stsEndpoint }),
    ...(stsExternalId === undefined ? {} : { stsExternalId }),
  };
}
