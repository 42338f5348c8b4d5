import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Credentials } from "../../sigv4/sigv4.ts";
import { type Client, ServiceError } from "../client/client.ts";
import { CliError } from "../context.ts";
import { readObject } from "../client/credentials.ts";
import { demoTag } from "./marks.ts";
import type { PolicyDocument } from "../policy/policies.ts";

const userName = "quarry-demo";
const iamTag = { Key: demoTag.key, Value: demoTag.value };
const keysMax = 2;

/** Makes a role with one inline policy, or brings one from an interrupted run up to date. */
export async function ensureRole(
  client: Client,
  role: {
    readonly name: string;
    readonly trust: PolicyDocument;
    readonly policyName: string;
    readonly policy: PolicyDocument;
  },
): Promise<string> {
  const { name: RoleName, policyName: PolicyName } = role;
  const trust = JSON.stringify(role.trust);
  const isNew = await creates(() =>
    client.iam("CreateRole", { RoleName, AssumeRolePolicyDocument: trust, Tags: [iamTag] }),
  );
  if (!isNew) await client.iam("UpdateAssumeRolePolicy", { RoleName, PolicyDocument: trust });
  const PolicyDocument = JSON.stringify(role.policy);
  await client.iam("PutRolePolicy", { RoleName, PolicyName, PolicyDocument });
  const { Role } = await client.iam("GetRole", { RoleName });
  return Role.Arn;
}

/**
 * Makes the user whose key the snippets show.
 *
 * @throws CliError where somebody else has made a user of that name.
 */
export async function ensureDemoUser(client: Client, policy: PolicyDocument): Promise<void> {
  const UserName = userName;
  const isNew = await creates(() => client.iam("CreateUser", { UserName, Tags: [iamTag] }));
  if (!isNew) {
    const { Tags } = await client.iam("ListUserTags", { UserName });
    if (!Tags.some(({ Key }) => Key === iamTag.Key)) {
      throw new CliError(
        `There is a user ${userName} that the demo did not make; delete it, or tag it ${iamTag.Key}.`,
      );
    }
  }
  const PolicyDocument = JSON.stringify(policy);
  await client.iam("PutUserPolicy", { UserName, PolicyName: "anonymous-api", PolicyDocument });
}

/** The demo user's key: the one kept in `keyFile` while the server knows it, else a new one. */
export async function ensureDemoKey(client: Client, keyFile: string): Promise<Credentials> {
  const kept = readKey(keyFile);
  const { AccessKeyMetadata: keys } = await client.iam("ListAccessKeys", { UserName: userName });
  const isKnown = keys.some(
    ({ AccessKeyId, Status }) => AccessKeyId === kept?.accessKeyId && Status === "Active",
  );
  if (kept !== undefined && isKnown) return kept;
  // A crash may have lost a secret that the server showed once; its key is of no use to anyone.
  const oldest = keys.toSorted((a, b) => timeOf(a.CreateDate) - timeOf(b.CreateDate))[0];
  if (keys.length >= keysMax && oldest?.AccessKeyId !== undefined) {
    const { AccessKeyId } = oldest;
    await client.iam("DeleteAccessKey", { UserName: userName, AccessKeyId });
  }
  const { AccessKey } = await client.iam("CreateAccessKey", { UserName: userName });
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
  keepKey(keyFile, { accessKeyId, secretAccessKey });
  return { accessKeyId, secretAccessKey };
}

/** Whether `create` made something; false where it was there before. */
async function creates(create: () => Promise<unknown>): Promise<boolean> {
  try {
    await create();
    return true;
  } catch (error) {
    if (error instanceof ServiceError && error.code === "EntityAlreadyExists") return false;
    throw error;
  }
}

function timeOf(date: Date | undefined): number {
  return date?.getTime() ?? 0;
}

function readKey(path: string): Credentials | undefined {
  try {
    const { accessKeyId, secretAccessKey } = readObject(readFileSync(path, "utf8"));
    const isWhole = typeof accessKeyId === "string" && typeof secretAccessKey === "string";
    return isWhole ? { accessKeyId, secretAccessKey } : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new CliError(`The demo's key file ${path} cannot be read; delete it.`, 1, {
      cause: error,
    });
  }
}

function keepKey(path: string, key: Credentials): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Written beside and renamed, so that a crash in between leaves no half file.
  const part = `${path}.part`;
  const handle = openSync(part, "w", 0o600);
  try {
    writeSync(handle, `${JSON.stringify(key, null, 2)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(part, path);
}
