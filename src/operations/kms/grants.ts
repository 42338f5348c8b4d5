import type { GrantConstraints, KeyGrant } from "../../iam/iam.ts";
import { type KmsGrant, kmsGrants, type Readable } from "../../store/store.ts";
import { jsonError } from "../../wire/wire.ts";
import { checkContext } from "./crypto.ts";
import { findPrincipal } from "./key-policy.ts";
import type { KmsCall } from "./kms-operation.ts";
import { kmsLimits } from "./limits.ts";

/** What a symmetric key's grants may name ("Grants in AWS KMS", Developer Guide). */
const symmetricOperations = new Set([
  "Decrypt",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
  "ReEncryptFrom",
  "ReEncryptTo",
  "CreateGrant",
  "RetireGrant",
  "DescribeKey",
]);

/** What a new grant allows, and under which conditions. */
export type GrantTerms = {
  readonly operations: readonly string[];
  readonly constraints: KmsGrant["constraints"];
};

/** What callers give for it. */
export type GrantInput = {
  readonly Operations: readonly string[];
  readonly Constraints?:
    | {
        readonly EncryptionContextEquals?: Readonly<Record<string, string>> | undefined;
        readonly EncryptionContextSubset?: Readonly<Record<string, string>> | undefined;
        readonly SourceArn?: string | undefined;
      }
    | undefined;
};

/**
 * Checks what a grant is to allow.
 *
 * @throws JsonError ValidationException.
 */
export function grantTerms({ Operations, Constraints = {} }: GrantInput): GrantTerms {
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = Constraints;
  const operations = [...new Set(Operations)].toSorted();
  const wrong = operations.find((name) => !symmetricOperations.has(name));
  if (Constraints.SourceArn !== undefined) {
    const message = "Quarry does not support the grant constraint SourceArn.";
    throw jsonError("UnsupportedOperationException", message);
  }
  if (operations.length === 0) throw invalid("A grant needs at least one operation.");
  if (wrong !== undefined) throw invalid(`Grant operation ${wrong} is not for symmetric keys.`);
  if (equals !== undefined && subset !== undefined) {
    throw invalid("Only one of EncryptionContextEquals and EncryptionContextSubset can be used.");
  }
  const pairs = Object.keys(checkContext(equals ?? subset)).length;
  if (pairs > kmsLimits.grantConstraintPairs) {
    throw invalid(`A grant constraint has at most ${kmsLimits.grantConstraintPairs} pairs.`);
  }
  return {
    operations,
    constraints: {
      ...(equals !== undefined && { EncryptionContextEquals: equals }),
      ...(subset !== undefined && { EncryptionContextSubset: subset }),
    },
  };
}

function invalid(message: string): Error {
  return jsonError("ValidationException", message);
}

/** Whether `child` allows nothing that `parent` does not: a grantee hands on no more than it has. */
export function isWithin(
  child: GrantTerms,
  parent: Pick<KeyGrant, "operations" | "constraints">,
): boolean {
  const named = child.operations.every((name) => parent.operations.includes(name));
  return named && isStricter(child.constraints, parent.constraints ?? {});
}

function isStricter(child: GrantConstraints, parent: GrantConstraints): boolean {
  const { EncryptionContextEquals: exact, EncryptionContextSubset: subset } = parent;
  if (exact !== undefined) {
    const own = child.EncryptionContextEquals;
    return own !== undefined && holds(own, exact) && holds(exact, own);
  }
  if (subset === undefined) return true;
  const own = child.EncryptionContextEquals ?? child.EncryptionContextSubset;
  return own !== undefined && holds(own, subset);
}

type Pairs = Readonly<Record<string, string>>;

function holds(pairs: Pairs, needed: Pairs): boolean {
  const entries = Object.entries(needed);
  return entries.every(([name, value]) => Object.hasOwn(pairs, name) && pairs[name] === value);
}

/**
 * The unique id of a grantee or retiring principal of this account, which must be there; undefined
 * for accounts and principals of elsewhere.
 *
 * @throws JsonError InvalidArnException.
 */
export async function requirePrincipal(
  db: Readable,
  call: KmsCall,
  principal: string,
): Promise<string | undefined> {
  const isArn =
    /^arn:aws:(?:iam|sts)::\d{12}:(?:root$|(?:user|role|assumed-role|federated-user)\/.)/;
  const { accountId } = call.caller;
  if (isArn.test(principal)) {
    const found = await findPrincipal(db, accountId, principal);
    if (found !== "missing") return found;
  } else if (/^\d{12}$/.test(principal)) return undefined;
  const message = `ARN does not refer to a valid principal: ${principal}`;
  throw jsonError("InvalidArnException", message);
}

/**
 * A grant of a key.
 *
 * @throws JsonError NotFoundException.
 */
export async function requireGrant(
  db: Readable,
  { keyId, grantId: id }: { readonly keyId: string; readonly grantId: string },
): Promise<KmsGrant> {
  const [found] = await kmsGrants.listGrants(db, { keyId, id, after: "", limit: 1 });
  if (found !== undefined) return found;
  throw jsonError("NotFoundException", `Grant ID ${id} not found`);
}

/** How answers show a grant. */
export function grantEntry(grant: KmsGrant, keyArn: string): object {
  const hasConstraints = Object.keys(grant.constraints).length > 0;
  return {
    KeyId: keyArn,
    GrantId: grant.id,
    Name: grant.name ?? "",
    CreationDate: grant.createdAt,
    ...granteeEntry(grant.granteePrincipal),
    RetiringPrincipal: grant.retiringPrincipal,
    IssuingAccount: `arn:aws:iam::${grant.issuingAccount}:root`,
    Operations: grant.operations,
    Constraints: hasConstraints ? grant.constraints : undefined,
  };
}

function granteeEntry(principal: string): object {
  const isService = !principal.includes(":") && principal.includes(".");
  return { [isService ? "GranteeServicePrincipal" : "GranteePrincipal"]: principal };
}
