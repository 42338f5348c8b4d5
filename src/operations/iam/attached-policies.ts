import { findAwsPolicy } from "../../identity/identity.ts";
import {
  type IamEntity,
  iamGroups,
  iamPolicies,
  iamStore,
  type Readable,
} from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import type { QueryCall } from "./query-operation.ts";
import type { SourcePolicy } from "./simulation-policies.ts";

/** A policy that somebody has, and how they have it. */
export type AttachedPolicy = SourcePolicy & {
  readonly use: "inline" | "managed" | "boundary";
  /** The inline policy's own name, or the managed policy's. */
  readonly name: string;
  /** Of managed policies. */
  readonly arn: string | undefined;
  readonly owner: Pick<IamEntity, "kind" | "name">;
};

/**
 * What a user, group or role of the caller's account has, and what a user's groups have, all of one
 * moment. Inline policies are called `user_<user>_<policy>`, as the service calls them.
 *
 * @throws QueryError NoSuchEntity.
 */
export function attachedPolicies(
  { db, caller }: QueryCall,
  arn: string,
): Promise<{
  readonly attached: readonly AttachedPolicy[];
  readonly boundary: AttachedPolicy | undefined;
}> {
  return db.snapshot(async (reader) => {
    const entity = await iamStore.findEntityByArn(reader, arn);
    if (entity?.accountId !== caller.accountId) {
      throw queryError("NoSuchEntity", `The entity ${arn} cannot be found.`);
    }
    const ids = await iamGroups.listGroupsOf(reader, entity.id);
    const groups = await Promise.all(ids.map((id) => iamStore.findEntityById(reader, id)));
    const owners = [entity, ...groups.filter((group) => group !== undefined)];
    const lists = await Promise.all(owners.map((owner) => policiesOf(reader, owner)));
    const [bound] = await iamPolicies.listAttached(reader, entity.id, "boundary");
    const boundary = bound === undefined ? undefined : await managed(reader, entity, bound);
    return { attached: lists.flat(), boundary: boundary && { ...boundary, use: "boundary" } };
  });
}

async function policiesOf(db: Readable, owner: IamEntity): Promise<readonly AttachedPolicy[]> {
  const { kind } = owner;
  const inline = await iamStore.listPolicies(db, owner.id);
  const arns = await iamPolicies.listAttached(db, owner.id, "permissions");
  return [
    ...inline.map(({ name, document }) => {
      const id = `${kind}_${owner.name}_${name}`;
      return { id, type: kind, document, use: "inline", name, arn: undefined, owner } as const;
    }),
    ...(await Promise.all(arns.map((arn) => managed(db, owner, arn)))),
  ];
}

async function managed(db: Readable, owner: IamEntity, arn: string): Promise<AttachedPolicy> {
  const rest = { use: "managed", arn, owner } as const;
  const aws = findAwsPolicy(arn);
  if (aws !== undefined) {
    const { name, document } = aws;
    return { ...rest, id: name, name, type: "aws-managed", document };
  }
  const found = await iamPolicies.find(db, arn);
  const document = await iamPolicies.findDocument(db, arn);
  if (found === undefined || document === undefined) {
    throw queryError("PolicyEvaluation", `The attached policy ${arn} cannot be found.`);
  }
  return { ...rest, id: found.name, name: found.name, type: "user-managed", document };
}
