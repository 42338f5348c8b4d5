import { rm } from "node:fs/promises";
import {
  type AccessStep,
  decryptContextArn,
  requiredPermissions,
} from "../connectors/connectors.ts";
import type { Clock } from "../core/clock.ts";
import { compile, type CompiledPolicy, parsePolicy } from "../iam/iam.ts";
import type { Caller, Identity } from "../identity/identity.ts";
import { type Failed, failed, type ObjectFacts, type ObjectStore } from "../objects/objects.ts";

/** Asks, before each access, whether the data source's role may make it. */
export type RoleAccess = {
  /** Undefined where it may, else the denial in the service's words. */
  readonly refusal: (step: AccessStep) => Promise<string | undefined>;
};

/** Asks the KMS that has a key; undefined where it has not. */
export type DecryptObject = (use: {
  readonly caller: Caller;
  readonly keyArn: string;
  readonly contextArn: string;
}) => Promise<{ readonly refusal: string | undefined } | undefined>;

/**
 * The accesses of one sync, as its role. Policies are evaluated before every single access, also
 * when the bucket is a folder: what changes in between counts from the next access on. Source:
 * "IAM role for an Amazon S3 data source", user guide.
 */
export function roleAccess(options: {
  readonly identity: Identity;
  readonly role: Caller;
  readonly region: string;
  /** The account that owns the bucket; undefined for a bucket that nobody owns. */
  readonly bucketOwner: string | undefined;
  readonly now: Clock;
  readonly decryptObject?: DecryptObject | undefined;
}): RoleAccess {
  const { identity, role, region, bucketOwner, now, decryptObject } = options;
  return {
    refusal: async (asked) => {
      const resourceAccount = bucketOwner ?? "";
      const step = asked.kind === "decrypt" ? withKeyArn(asked, region, resourceAccount) : asked;
      if (step.kind === "decrypt") {
        // A key of our own: its policy, its grants and its state count as well.
        const contextArn = decryptContextArn(step);
        const use = { caller: role, keyArn: step.kmsKeyArn, contextArn };
        const decided = await decryptObject?.(use);
        if (decided !== undefined) return decided.refusal;
      }
      for (const permission of requiredPermissions(step, { region, resourceAccount })) {
        const { action, resource, context } = permission;
        const isOwned = !action.startsWith("s3:") || bucketOwner !== undefined;
        const { "aws:ResourceAccount": owner, ...serviceKeys } = context;
        const verdict = await identity.authorize(role, {
          action,
          resources: [
            {
              arn: resource,
              // The bucket's own policy is its store's to enforce; here the role's side counts.
              account: role.accountId,
              ...(action.startsWith("kms:") && { policy: delegatingPolicy(role.accountId) }),
              context: isOwned && owner !== undefined ? { "aws:ResourceAccount": owner } : {},
            },
          ],
          serviceKeys,
          facts: { now: now(), region, isSecure: true, sourceIp: serviceAddress },
        });
        if (!verdict.isAllowed) return verdict.message;
      }
      return undefined;
    },
  };
}

/**
 * Stands for the policy of a key that we do not have: its owner enforces that where the key is; here
 * the role's side counts. For keys no role has rights of its own without such a policy.
 */
function delegatingPolicy(accountId: string): CompiledPolicy {
  const statement = { Effect: "Allow", Principal: { AWS: accountId }, Action: "kms:*" };
  const Statement = [{ ...statement, Resource: "*" }];
  const document = JSON.stringify({ Version: "2012-10-17", Statement });
  const parsed = parsePolicy(document, { kind: "key" });
  if (!parsed.ok) throw new Error(parsed.refusal.message);
  return compile(parsed.policy, { name: "the key's own policy" });
}

type DecryptStep = Extract<AccessStep, { kind: "decrypt" }>;

/** Stores that are not Amazon's name a key by its id, or not at all: then every key is meant. */
function withKeyArn(step: DecryptStep, region: string, account: string): DecryptStep {
  const { kmsKeyArn: name } = step;
  if (name.startsWith("arn:")) return step;
  const kmsKeyArn = name === "" ? "*" : `arn:aws:kms:${region}:${account}:key/${name}`;
  return { ...step, kmsKeyArn };
}

/** The service acts from inside; no address of a client stands behind it. */
const serviceAddress = "127.0.0.1";

/** An object store that makes no access that the role may not make. */
export function guardedStore(store: ObjectStore, access: RoleAccess): ObjectStore {
  const denied = async (
    step: Extract<AccessStep, { bucket: string }>,
  ): Promise<Failed | undefined> => {
    const message = await access.refusal(step);
    if (message === undefined) return undefined;
    const where = { bucket: step.bucket, ...("key" in step ? { key: step.key } : {}) };
    return failed("denied", where, message);
  };
  const read = ({ bucket, key }: { readonly bucket: string; readonly key: string }) =>
    denied({ kind: "read", bucket, key });
  /** The store has decrypted it, with rights of its own; the role gets it only by its own rights. */
  const locked = async (
    where: { readonly bucket: string; readonly key: string },
    { encryption }: ObjectFacts,
  ): Promise<Failed | undefined> => {
    if (encryption === undefined) return undefined;
    const { kmsKeyId: kmsKeyArn, isBucketKey } = encryption;
    const { bucket, key } = where;
    const step = { kind: "decrypt", bucket, key, kmsKeyArn, isBucketKey } as const;
    const message = await access.refusal(step);
    return message === undefined ? undefined : failed("keyDenied", { bucket, key }, message);
  };
  return {
    async *list(request) {
      const { bucket, prefix } = request;
      const refusal = await denied({ kind: "list", bucket, prefix });
      if (refusal === undefined) yield* store.list(request);
      else yield refusal;
    },
    head: async (request) => (await read(request)) ?? store.head(request),
    get: async (request) => {
      const got = (await read(request)) ?? (await store.get(request));
      return got.kind === "failed" ? got : ((await locked(request, got)) ?? got);
    },
    getToFile: async (request) => {
      const got = (await read(request)) ?? (await store.getToFile(request));
      if (got.kind === "failed") return got;
      const refusal = await locked(request, got);
      if (refusal !== undefined) await rm(got.file, { force: true });
      return refusal ?? got;
    },
    bucketExists: (request) => store.bucketExists(request),
  };
}
