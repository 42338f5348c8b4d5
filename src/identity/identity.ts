/**
 * Who calls, and what they may do. A *caller* is an IAM principal proven by a signature; a
 * *viewer* is the end user whose access decides what is found, and is not here.
 *
 * Not for: reading signatures (`sigv4`), the policy language itself (`iam`), or the documents that
 * somebody may see (`search`).
 */
import type { Database } from "../store/store.ts";
import {
  type AccessQuestion,
  type AccessVerdict,
  authorize,
  authorizeOperation,
  type OperationQuestion,
  type RequestFacts,
} from "./authorize.ts";
import type { Caller } from "./caller.ts";
import {
  checkToken,
  issuerNamed,
  providerNameOf,
  type TokenCheck,
  type TokenVerdict,
} from "./oidc.ts";
import { createIssuerKeys } from "./oidc-issuers.ts";
import { createKeyUses, type KeyUses } from "./key-uses.ts";
import { createPolicyCache, type PolicyCache } from "./policy-cache.ts";
import { assumeAsService, type AssumedRole, type ServiceRequest } from "./roles.ts";
import { createSigningKeys, type KeyPair, type SigningKeys } from "./signing-keys.ts";

export type {
  AccessQuestion,
  AccessRefusal,
  AccessVerdict,
  OperationQuestion,
} from "./authorize.ts";
export type { RequestFacts, ServiceKeys } from "./authorize.ts";
export { decodeAuthorizationMessage, encodeAuthorizationMessage } from "./authorization-message.ts";
export { type AwsPolicy, awsPolicies, findAwsPolicy } from "./aws-policies.ts";
export { type Caller, callerName, ownerOf } from "./caller.ts";
export { type OidcProvider, providerNameOf, type TokenVerdict, type WebIdentity } from "./oidc.ts";
export {
  type InstallationKeys,
  loadInstallationKeys,
  newKeyId,
  newSecret,
} from "./installation-keys.ts";
export type { KeyUse, KeyUses } from "./key-uses.ts";
export type { AssumedRole, ServiceRequest } from "./roles.ts";
export { seal, unseal } from "./sealing.ts";
export {
  contextProviderArn,
  readSessionToken,
  type SessionClaims,
  type SessionUser,
  writeSessionToken,
} from "./session-token.ts";
export { readViewerContext, type ViewerContext, writeViewerContext } from "./viewer-context.ts";
export { type KeyPair, type KnownKey, roleCaller, secretPurpose } from "./signing-keys.ts";

/** Accounts, keys and policies of one installation. */
export type Identity = {
  readonly accountId: string;
  readonly sealingKey: Uint8Array;
  readonly policies: PolicyCache;
  readonly findKey: SigningKeys["find"];
  readonly authorize: (caller: Caller, question: AccessQuestion) => Promise<AccessVerdict>;
  readonly authorizeOperation: (
    caller: Caller,
    question: OperationQuestion,
  ) => Promise<AccessVerdict>;
  readonly assumeAsService: (
    request: Omit<ServiceRequest, "accountId"> & { readonly sessionName: string },
  ) => Promise<AssumedRole>;
  /** Checks a token of an OpenID Connect issuer that `findProvider` knows. */
  readonly checkToken: (check: TokenCheck) => Promise<TokenVerdict>;
  /** The issuer of an IAM OIDC provider; undefined for ARNs of anything else. */
  readonly issuerOf: (providerArn: string) => ReturnType<typeof issuerNamed>;
  readonly keyUses: KeyUses;
  /** To be called once for each request that a caller signed, before it is decided. */
  readonly noteUse: (caller: Caller, service: string, facts: RequestFacts) => void;
  /** To be called after each change of users, roles, keys or policies: it counts at once. */
  readonly invalidate: () => void;
};

/** Opens the identities kept in a database. */
export function createIdentity(options: {
  readonly db: Database;
  readonly accountId: string;
  readonly root: KeyPair;
  /** 32 bytes; secrets and session tokens are sealed with it. */
  readonly sealingKey: Uint8Array;
  /** Issuers that the operator names: what follows `oidc-provider/` in an ARN -> URL. */
  readonly oidcIssuers?: Readonly<Record<string, string>>;
}): Identity {
  const { db, accountId, sealingKey, oidcIssuers = {} } = options;
  const issuerKeys = createIssuerKeys();
  const policies = createPolicyCache(db);
  const keyUses = createKeyUses(db);
  const noteUse: Identity["noteUse"] = (caller, service, { now: usedAt, region }) => {
    // IAM has one endpoint for all Regions, in this one.
    keyUses.note(caller, { usedAt, service, region: service === "iam" ? "us-east-1" : region });
  };
  const keys = createSigningKeys({ ...options, policies });
  return {
    accountId,
    sealingKey,
    policies,
    findKey: keys.find,
    authorize: (caller, question) => authorize(policies, caller, question),
    authorizeOperation: (caller, question) => {
      noteUse(caller, "qbusiness", question.facts);
      return authorizeOperation({ policies, db }, caller, question);
    },
    keyUses,
    noteUse,
    assumeAsService: (request) => assumeAsService(policies, { ...request, accountId }),
    checkToken: (check) => checkToken(issuerKeys, check),
    issuerOf: (arn) => {
      const name = providerNameOf(arn);
      return name === "" ? undefined : issuerNamed(name, oidcIssuers);
    },
    invalidate: () => {
      policies.invalidate();
      keys.invalidate();
    },
  };
}
