import {
  type IamEntity,
  iamPolicies,
  iamStore,
  type InlinePolicy,
  type Readable,
  type WriteTransaction,
} from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { type EntityName, requireChangeable, requireEntity } from "./entities.ts";
import { policySize } from "./limits.ts";
import { type PageInput, type QueryPage, readPageOf } from "./paging.ts";
import { requirePolicy } from "./policies.ts";
import { change, type QueryCall } from "./query-operation.ts";

const quotaOf = {
  role: "inlineCharactersPerRole",
  user: "inlineCharactersPerUser",
  group: "inlineCharactersPerGroup",
} as const;

/** A policy of a user or role, by the names that a request gives. */
export type PolicyName = EntityName & { readonly policyName: string };

/**
 * Adds or replaces an inline policy. All of one user or role share its quota.
 *
 * @throws QueryError NoSuchEntity, UnmodifiableEntity, MalformedPolicyDocument, LimitExceeded.
 */
export async function putInlinePolicy(
  call: QueryCall,
  { kind, name, policyName, document }: PolicyName & { readonly document: string },
): Promise<void> {
  requirePolicy(document, "identity");
  await change(call, async (trx) => {
    const entity = await requireChangeable(trx, call, { kind, name });
    const known = await iamStore.listPolicies(trx, entity.id);
    const others = known.filter((policy) => !isNamed(policy, policyName));
    const size = [...others, { document }].reduce((sum, policy) => sum + sizeOf(policy), 0);
    const max = call.quotas.iam[quotaOf[kind]];
    if (size > max) {
      const message = `Maximum policy size of ${max} bytes exceeded for ${kind} ${entity.name}`;
      throw queryError("LimitExceeded", message);
    }
    const replaced = known.find((policy) => isNamed(policy, policyName));
    if (replaced !== undefined) await iamStore.removePolicy(trx, entity.id, replaced.name);
    await iamStore.putPolicy(trx, entity.id, { name: policyName, document });
  });
}

/** Reads one. */
export async function getInlinePolicy(
  call: QueryCall,
  { kind, name, policyName }: PolicyName,
): Promise<InlinePolicy & { readonly entity: IamEntity }> {
  const entity = await requireEntity(call.db.read, call, { kind, name });
  const policy = await requireInlinePolicy(call.db.read, entity, policyName);
  return { ...policy, entity };
}

/** Removes one. */
export async function deleteInlinePolicy(
  call: QueryCall,
  { kind, name, policyName }: PolicyName,
): Promise<void> {
  await change(call, async (trx) => {
    const entity = await requireChangeable(trx, call, { kind, name });
    const policy = await requireInlinePolicy(trx, entity, policyName);
    await iamStore.removePolicy(trx, entity.id, policy.name);
  });
}

/** One page of names. */
export async function listInlinePolicies(
  call: QueryCall,
  { kind, name }: EntityName,
  input: PageInput,
): Promise<QueryPage<string>> {
  const entity = await requireEntity(call.db.read, call, { kind, name });
  const policies = await iamStore.listPolicies(call.db.read, entity.id);
  const names = policies.map((policy) => policy.name);
  return readPageOf(call, { listing: ["inline", entity.id], input }, names, (at) => at);
}

/** Refuses to go on while a user, role or group has policies of either kind. */
export async function requireNoPolicies(trx: WriteTransaction, entity: IamEntity): Promise<void> {
  if ((await iamPolicies.listAttached(trx, entity.id, "permissions")).length > 0) {
    throw queryError("DeleteConflict", "Cannot delete entity, must detach all policies first.");
  }
  const policies = await iamStore.listPolicies(trx, entity.id);
  if (policies.length === 0) return;
  throw queryError("DeleteConflict", "Cannot delete entity, must delete policies first.");
}

async function requireInlinePolicy(
  db: Readable,
  entity: IamEntity,
  policyName: string,
): Promise<InlinePolicy> {
  const policies = await iamStore.listPolicies(db, entity.id);
  const found = policies.find((policy) => isNamed(policy, policyName));
  if (found !== undefined) return found;
  const message = `The ${entity.kind} policy with name ${policyName} cannot be found.`;
  throw queryError("NoSuchEntity", message);
}

/** IAM does not tell names apart by case. */
function isNamed(policy: InlinePolicy, name: string): boolean {
  return policy.name.toLowerCase() === name.toLowerCase();
}

function sizeOf({ document }: Pick<InlinePolicy, "document">): number {
  return policySize(document);
}
