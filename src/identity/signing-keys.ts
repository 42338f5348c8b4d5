import { type SigningKeyOwner, tokenMatcher } from "../sigv4/sigv4.ts";
import { type Database, type IamEntity, iamStore } from "../store/store.ts";
import type { Caller } from "./caller.ts";
import type { PolicyCache } from "./policy-cache.ts";
import { unseal } from "./sealing.ts";
import { readSessionToken, type SessionClaims } from "./session-token.ts";

/** A key, the secret to verify with, and who calls with it. */
export type KnownKey = { readonly owner: SigningKeyOwner; readonly caller: Caller };

/** Long-lived credentials. */
export type KeyPair = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** Purpose under which the secrets of access keys are sealed. */
export const secretPurpose = "access key";

const keysMax = 5000;

/** Finds who an access key belongs to. */
export type SigningKeys = {
  /** Undefined for keys that are unknown, inactive, of a deleted principal, or without their token. */
  readonly find: (key: {
    readonly accessKeyId: string;
    readonly sessionToken: string | undefined;
  }) => Promise<KnownKey | undefined>;
  readonly invalidate: () => void;
};

/** Looks keys up: the root user's, IAM users' and temporary ones of role sessions. */
export function createSigningKeys(options: {
  readonly db: Database;
  readonly policies: PolicyCache;
  readonly root: KeyPair;
  readonly accountId: string;
  readonly sealingKey: Uint8Array;
}): SigningKeys {
  const { db, policies, root, accountId, sealingKey } = options;
  const rootCaller: Caller = {
    principal: { type: "root", arn: `arn:aws:iam::${accountId}:root`, account: accountId },
    accountId,
    entityId: undefined,
  };
  const rootKey: KnownKey = {
    owner: { secretAccessKey: root.secretAccessKey },
    caller: rootCaller,
  };
  let known = new Map<string, KnownKey>();

  // `into` is the map from before the look-up: what was read before a change of keys must not
  // land in the map of after it.
  const remember = (into: Map<string, KnownKey>, id: string, key: KnownKey): KnownKey => {
    if (into.size >= keysMax) into.clear();
    into.set(id, key);
    return key;
  };

  const findUserKey = async (accessKeyId: string): Promise<KnownKey | undefined> => {
    const into = known;
    const key = await iamStore.findKey(db.read, accessKeyId);
    if (key?.status !== "Active") return undefined;
    const user = await policies.entity(key.entityId);
    const secretAccessKey = unseal(sealingKey, secretPurpose, key.sealedSecret);
    if (user === undefined || secretAccessKey === undefined) return undefined;
    return remember(into, accessKeyId, {
      owner: { secretAccessKey },
      caller: { ...userCaller(user), accessKeyId },
    });
  };

  /** Who has a session: undefined where the role or user is gone. */
  const sessionCaller = async (claims: SessionClaims): Promise<Caller | undefined> => {
    const { roleId: id, sessionName, of } = claims;
    const entity = id === "" ? undefined : await policies.entity(id);
    const isOfRoot = id === "" && of !== undefined;
    if (entity === undefined) {
      if (!isOfRoot) return undefined;
      return of === "user" ? rootCaller : federatedCaller(rootCaller, sessionName);
    }
    if (entity.kind === "role") {
      return of === undefined ? roleCaller(entity, sessionName) : undefined;
    }
    if (of === undefined) return undefined;
    return of === "user" ? userCaller(entity) : federatedCaller(userCaller(entity), sessionName);
  };

  const findSessionKey = async (
    accessKeyId: string,
    token: string,
  ): Promise<KnownKey | undefined> => {
    const into = known;
    const claims = readSessionToken(sealingKey, token);
    if (claims?.accessKeyId !== accessKeyId) return undefined;
    const caller = await sessionCaller(claims);
    if (caller === undefined) return undefined;
    const { accessKeyId: _id, roleId: _role, of: _of, ...rest } = claims;
    const { secretAccessKey, sessionName: _name, ...session } = rest;
    const { expiresAt } = session;
    return remember(into, sessionKey({ accessKeyId, sessionToken: token }), {
      owner: { secretAccessKey, session: { isToken: tokenMatcher(token), expiresAt } },
      caller: { ...caller, session },
    });
  };

  return {
    find: async ({ accessKeyId, sessionToken }) => {
      if (accessKeyId === root.accessKeyId) return rootKey;
      const cached = known.get(
        sessionToken === undefined ? accessKeyId : sessionKey({ accessKeyId, sessionToken }),
      );
      if (cached !== undefined) return cached;
      return accessKeyId.startsWith("ASIA")
        ? sessionToken === undefined
          ? undefined
          : findSessionKey(accessKeyId, sessionToken)
        : findUserKey(accessKeyId);
    },
    invalidate: () => {
      known = new Map();
    },
  };
}

/** A token is good for its own key only, also once it is known. */
function sessionKey(key: { readonly accessKeyId: string; readonly sessionToken: string }): string {
  return `${key.accessKeyId}\n${key.sessionToken}`;
}

function userCaller(user: IamEntity): Caller {
  const { arn, accountId: account, name, id } = user;
  const principal = { type: "user", arn, account, name, uniqueId: id } as const;
  return { principal, accountId: account, entityId: id };
}

/** Somebody whom a user vouches for; may do what both the user and the session's policies allow. */
function federatedCaller(
  { principal, accountId: account, entityId }: Caller,
  name: string,
): Caller {
  const arn = `arn:aws:sts::${account}:federated-user/${name}`;
  const userArn = "arn" in principal ? { userArn: principal.arn } : {};
  const federated = { type: "federatedUser", arn, account, name, ...userArn } as const;
  return { principal: federated, accountId: account, entityId };
}

/** A session of a role, as policies and messages see it. */
export function roleCaller(role: IamEntity, sessionName: string): Caller {
  const principal = {
    type: "role",
    roleArn: role.arn,
    // Session ARNs leave the role's path out.
    arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${sessionName}`,
    account: role.accountId,
    sessionName,
    uniqueId: role.id,
  } as const;
  return { principal, accountId: role.accountId, entityId: role.id };
}
