import { type Client, ServiceError } from "../client/client.ts";
import { type Finding, fail, ok, warn } from "./findings.ts";
import { listIndices } from "../listings.ts";

/** What may be done about a key that cannot be used. */
const remedies: Readonly<Record<string, string>> = {
  Disabled: "enable it (aws kms enable-key); nothing is lost",
  PendingDeletion: "keep it (aws kms cancel-key-deletion, then enable-key) before its day comes",
};

/**
 * Looks whether the key of an application may be used: while it may not, the application answers
 * nothing. Undefined for an application without a key of its own.
 */
export async function checkContentKey(
  client: Client,
  application: { readonly applicationId: string; readonly displayName: string },
): Promise<Finding | undefined> {
  const { applicationId, displayName } = application;
  const { encryptionConfiguration } = await client.call("GetApplication", { applicationId });
  const keyId = encryptionConfiguration?.kmsKeyId;
  if (keyId === undefined) return undefined;
  const check = `key of ${displayName}`;
  const state = await stateOf(client, keyId);
  if (state === "NotFound") {
    return fail(check, `${keyId} is gone`, "nothing can read the application's content any more");
  }
  const remedy = remedies[state];
  if (remedy !== undefined) return fail(check, `${keyId} is ${state}`, remedy);
  const refusal = await refusalOf(client, applicationId);
  if (refusal !== undefined) {
    const next = "allow qbusiness.amazonaws.com in the key's policy what its grant allowed";
    return fail(check, refusal, next);
  }
  if (state === "Enabled") return ok(check, `${keyId} is enabled`);
  return warn(check, `${keyId}: ${state}`, "ask with keys that may call kms:DescribeKey");
}

async function stateOf(client: Client, keyId: string): Promise<string> {
  try {
    return await client.keyState(keyId);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return error.code === "NotFoundException" ? "NotFound" : error.message;
  }
}

/** The service's own words, where it may not use the key; undefined where it may or nobody can tell. */
async function refusalOf(client: Client, applicationId: string): Promise<string | undefined> {
  for await (const { indexId = "" } of listIndices(client, { applicationId })) {
    try {
      await client.call("ListDocuments", { applicationId, indexId, maxResults: 1 });
    } catch (error) {
      const isLocked = error instanceof ServiceError && error.message.includes("cannot be used:");
      if (isLocked) return error.message;
      throw error;
    }
    return undefined;
  }
  return undefined;
}
