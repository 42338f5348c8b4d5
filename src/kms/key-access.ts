import {
  compile,
  type CompiledPolicy,
  type KeyGrant,
  parsePolicy,
  type Principal,
  resourceContext,
} from "../iam/iam.ts";
import type { AccessQuestion, Caller, ServiceKeys } from "../identity/identity.ts";
import {
  type KmsGrant,
  kmsGrants,
  type KmsKey,
  kmsStore,
  type Readable,
  type Tag,
  tags as tagStore,
} from "../store/store.ts";
import type { EncryptionContext } from "../core/encryption-context.ts";

/** Somebody wants to do something with a key. */
export type KeyUse = {
  /** `kms:Decrypt`, … */
  readonly action: string;
  readonly key: KmsKey;
  readonly encryptionContext?: EncryptionContext | undefined;
  /** The alias by which the call named the key, prefix included. */
  readonly requestAlias?: string | undefined;
  readonly serviceKeys?: ServiceKeys;
  readonly tags?: readonly Tag[] | undefined;
  readonly tagKeys?: readonly string[] | undefined;
  /** Instead of the key's own grants. */
  readonly grants?: readonly KeyGrant[];
};

const grantsMax = 50_000;
const aliasesMax = 50;
const compiledMax = 1000;
const compiledPolicies = new Map<string, CompiledPolicy>();

/**
 * The question whether a caller may use a key, with all that decides it: the key's policy, its
 * grants for this caller, and the keys of "Condition keys for AWS KMS" (KMS Developer Guide).
 */
export async function questionOfKey(
  db: Readable,
  caller: Caller,
  use: KeyUse,
): Promise<Omit<AccessQuestion, "facts">> {
  const { action, key, encryptionContext, requestAlias, tags, tagKeys } = use;
  const keyTags = await tagStore.list(db, key.arn);
  const byKey = Object.fromEntries(keyTags.map((tag) => [tag.key, tag.value]));
  const aliases = { accountId: key.accountId, keyId: key.id, after: "", limit: aliasesMax };
  const names = (await kmsStore.listAliases(db, aliases)).map(({ name }) => name);
  const resource = {
    arn: key.arn,
    account: key.accountId,
    context: resourceContext({ account: key.accountId, tags: byKey }),
    policy: keyPolicyOf(key),
  };
  return {
    action,
    resources: [resource],
    serviceKeys: {
      ...specKeys,
      "kms:CallerAccount": caller.accountId,
      "kms:RequestAlias": requestAlias,
      "kms:ResourceAliases": names,
      ...contextKeys(encryptionContext),
      ...use.serviceKeys,
    },
    tags,
    tagKeys,
    grants: use.grants ?? (await grantsFor(db, caller, key)),
  };
}

/** The only kind of keys that there are here. */
export const specKeys: ServiceKeys = {
  "kms:KeySpec": "SYMMETRIC_DEFAULT",
  "kms:KeyUsage": "ENCRYPT_DECRYPT",
  "kms:KeyOrigin": "AWS_KMS",
  "kms:MultiRegion": "false",
};

/** An encryption context as conditions see it. */
export function contextKeys(context: EncryptionContext = {}): ServiceKeys {
  const names = Object.keys(context);
  const pairs = names.map((name) => [`kms:EncryptionContext:${name}`, context[name]] as const);
  return { ...Object.fromEntries(pairs), "kms:EncryptionContextKeys": names };
}

/** The key's policy, ready to be evaluated. Who was deleted since it was saved is a stranger. */
export function keyPolicyOf(key: Pick<KmsKey, "arn" | "policy" | "policyPins">): CompiledPolicy {
  const name = `${key.arn}\n${JSON.stringify(key.policyPins)}\n${key.policy}`;
  const known = compiledPolicies.get(name);
  if (known !== undefined) return known;
  const parsed = parsePolicy(key.policy, { kind: "key" });
  // With the policy its Denies are lost: nothing can be decided without it.
  if (!parsed.ok) throw new Error(`The stored policy of ${key.arn} cannot be parsed.`);
  const pins = new Map(Object.entries(key.policyPins));
  const policy = compile(parsed.policy, { name: key.arn, pins });
  if (compiledPolicies.size >= compiledMax) compiledPolicies.clear();
  compiledPolicies.set(name, policy);
  return policy;
}

/** The key's grants that might be the caller's; the engine looks at the rest of them. */
export async function grantsFor(
  db: Readable,
  caller: Caller,
  { id: keyId }: Pick<KmsKey, "id">,
): Promise<readonly KmsGrant[]> {
  const grantees = namesOf(caller.principal);
  const found = await kmsGrants.listGrants(db, { keyId, grantees, after: "", limit: grantsMax });
  // A new user or role of an old name is a stranger.
  return found.filter(({ granteeId }) => granteeId === undefined || granteeId === caller.entityId);
}

/** All the names by which a grant can mean a principal. */
export function namesOf(principal: Principal): readonly string[] {
  const account = "account" in principal ? principal.account : undefined;
  const everyone = account === undefined ? [] : [account, `arn:aws:iam::${account}:root`];
  switch (principal.type) {
    case "role":
      return [principal.arn, principal.roleArn, ...everyone];
    case "user":
    case "root":
      return [principal.arn, ...everyone];
    case "federatedUser":
      return [principal.arn, principal.userArn ?? principal.arn, ...everyone];
    case "service":
      return [principal.service];
    default:
      return [];
  }
}
