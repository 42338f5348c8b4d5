import { findAwsPolicy } from "../../identity/identity.ts";
import { iamPolicies } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { askOf, type EntityName, requireChangeable, requireEntity } from "./entities.ts";
import { checkQuota } from "./limits.ts";
import { requireAttachable } from "./managed-policies.ts";
import { type PageInput, type QueryPage, readPageOf } from "./paging.ts";
import { change, type QueryCall, type QueryQuestion } from "./query-operation.ts";

const quotaNames = {
  role: "PoliciesPerRole",
  user: "PoliciesPerUser",
  group: "PoliciesPerGroup",
} as const;

/** The question of attaching or detaching: policies may ask which policy it is. */
export function askOfAttachment(
  call: QueryCall,
  action: string,
  { entity, arn }: { readonly entity: EntityName; readonly arn: string },
): Promise<readonly QueryQuestion[]> {
  return askOf(call, action, entity, { "iam:PolicyARN": arn });
}

/**
 * Attaches a managed policy; once more changes nothing.
 *
 * @throws QueryError NoSuchEntity, PolicyNotAttachable, UnmodifiableEntity, LimitExceeded.
 */
export async function attachPolicy(
  call: QueryCall,
  name: EntityName,
  arn: string,
): Promise<Readonly<Record<string, never>>> {
  return change(call, async (trx) => {
    const entity = await requireChangeable(trx, call, name);
    await requireAttachable(trx, call, arn);
    const attached = await iamPolicies.listAttached(trx, entity.id, "permissions");
    if (attached.includes(arn)) return {};
    checkQuota(quotaNames[name.kind], attached.length, call.quotas.iam.attachedPerEntity);
    await iamPolicies.attach(trx, entity.id, { use: "permissions", arn });
    return {};
  });
}

/** Detaches one. */
export async function detachPolicy(
  call: QueryCall,
  name: EntityName,
  arn: string,
): Promise<Readonly<Record<string, never>>> {
  return change(call, async (trx) => {
    const entity = await requireChangeable(trx, call, name);
    const wasAttached = await iamPolicies.detach(trx, entity.id, { use: "permissions", arn });
    if (!wasAttached) throw queryError("NoSuchEntity", `Policy ${arn} was not found.`);
    return {};
  });
}

/** One page of what is attached, by name. */
export async function listAttachedPolicies(
  call: QueryCall,
  name: EntityName,
  input: PageInput & { readonly PathPrefix?: string | undefined },
): Promise<QueryPage<{ readonly PolicyName: string; readonly PolicyArn: string }>> {
  const entity = await requireEntity(call.db.read, call, name);
  const { PathPrefix = "/" } = input;
  const arns = await iamPolicies.listAttached(call.db.read, entity.id, "permissions");
  const policies = await Promise.all(
    arns.map(async (arn) => {
      const policy = findAwsPolicy(arn) ?? (await iamPolicies.find(call.db.read, arn));
      return { PolicyName: policy?.name ?? "", PolicyArn: arn, path: policy?.path ?? "/" };
    }),
  );
  const below = policies.filter(({ path }) => path.startsWith(PathPrefix));
  const listing = ["attached", entity.id, PathPrefix];
  const { items, paging } = await readPageOf(
    call,
    { listing, input },
    below,
    ({ PolicyName, PolicyArn }) => `${PolicyName} ${findAwsPolicy(PolicyArn) === undefined}`,
  );
  return { items: items.map(({ path: _path, ...policy }) => policy), paging };
}
