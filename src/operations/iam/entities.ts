import { resourceContext, type ResourceInput } from "../../iam/iam.ts";
import type { ServiceKeys } from "../../identity/identity.ts";
import {
  type IamEntity,
  iamPolicies,
  iamStore,
  type Readable,
  tags as tagStore,
} from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import type { QueryCall, QueryQuestion } from "./query-operation.ts";

/** Users, roles and groups are looked up by kind and name. */
export type EntityName = { readonly kind: IamEntity["kind"]; readonly name: string };

const servicePath = "/aws-service-role/";

/** `arn:aws:iam::111122223333:role/path/Name`. */
export function entityArn(
  accountId: string,
  { kind, name, path = "/" }: EntityName & { readonly path?: string | undefined },
): string {
  return `arn:aws:iam::${accountId}:${kind}${path}${name}`;
}

/**
 * The user or role of the caller's account.
 *
 * @throws QueryError NoSuchEntity.
 */
export async function requireEntity(
  db: Readable,
  call: QueryCall,
  { kind, name }: EntityName,
): Promise<IamEntity> {
  const found = await iamStore.findEntity(db, { accountId: call.caller.accountId, kind, name });
  if (found !== undefined) return found;
  throw queryError("NoSuchEntity", `The ${kind} with name ${name} cannot be found.`);
}

/** As `requireEntity`, for changes: the roles that a service made for itself are its own. */
export async function requireChangeable(
  db: Readable,
  call: QueryCall,
  name: EntityName,
): Promise<IamEntity> {
  const found = await requireEntity(db, call, name);
  if (!found.path.startsWith(servicePath)) return found;
  throw queryError(
    "UnmodifiableEntity",
    `Cannot perform the operation on the protected role '${found.name}' - this role is only modifiable by AWS`,
  );
}

/** Paths below which only services make roles. */
export function isServicePath(path: string): boolean {
  return path.startsWith(servicePath);
}

/** The resource of a call on a user or role: its ARN with its path, and its tags. */
export async function entityResource(call: QueryCall, entity: EntityName): Promise<ResourceInput> {
  const account = call.caller.accountId;
  const found = await iamStore.findEntity(call.db.read, { accountId: account, ...entity });
  if (found === undefined) return { arn: entityArn(account, entity), account };
  const tags = await tagStore.list(call.db.read, found.arn);
  const byKey = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  return { arn: found.arn, account, context: resourceContext({ account, tags: byKey }) };
}

/**
 * The question of an action on a user, role or group that should be there. Policies see which
 * boundary it has, or is being given ("Permissions boundaries for IAM entities", IAM User Guide).
 */
export async function askOf(
  call: QueryCall,
  action: string,
  entity: EntityName,
  serviceKeys: ServiceKeys = {},
): Promise<readonly QueryQuestion[]> {
  const boundary = await boundaryOf(call, entity);
  return [
    {
      action,
      resources: [await entityResource(call, entity)],
      serviceKeys: { "iam:PermissionsBoundary": boundary, ...serviceKeys },
    },
  ];
}

async function boundaryOf(call: QueryCall, entity: EntityName): Promise<string | undefined> {
  const { accountId } = call.caller;
  const found = await iamStore.findEntity(call.db.read, { accountId, ...entity });
  if (found === undefined) return undefined;
  return (await iamPolicies.listAttached(call.db.read, found.id, "boundary"))[0];
}

/** The question of an action that has no resource of its own. */
export async function askOfAll(action: string): Promise<readonly QueryQuestion[]> {
  return [{ action, resources: [{ arn: "*" }] }];
}

/**
 * The user that a call without a name means: the one that calls.
 *
 * @throws QueryError ValidationError for roles and the root user.
 */
export function userNameOf(call: QueryCall, name: string | undefined): EntityName {
  if (name !== undefined) return { kind: "user", name };
  const { principal } = call.caller;
  if (principal.type === "user") return { kind: "user", name: principal.name };
  throw queryError(
    "ValidationError",
    "Must specify userName when calling with non-User credentials",
  );
}
