import { iamPolicies, type Readable, type WriteTransaction } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { type EntityName, requireChangeable } from "./entities.ts";
import { requireAttachable } from "./managed-policies.ts";
import { change, type QueryCall } from "./query-operation.ts";

/** The boundary of a user or role as answers show it. */
export type ShownBoundary = {
  readonly PermissionsBoundaryType: "PermissionsBoundaryPolicy";
  readonly PermissionsBoundaryArn: string;
};

/** The boundary of a user or role, where there is one. */
export async function shownBoundary(
  db: Readable,
  entityId: string,
): Promise<ShownBoundary | undefined> {
  const [arn] = await iamPolicies.listAttached(db, entityId, "boundary");
  if (arn === undefined) return undefined;
  return { PermissionsBoundaryType: "PermissionsBoundaryPolicy", PermissionsBoundaryArn: arn };
}

/**
 * Sets the boundary of a user or role in place of any that it has.
 *
 * @throws QueryError NoSuchEntity or PolicyNotAttachable.
 */
export async function setBoundary(
  trx: WriteTransaction,
  call: QueryCall,
  { entityId, arn }: { readonly entityId: string; readonly arn: string | undefined },
): Promise<void> {
  if (arn === undefined) return;
  await requireAttachable(trx, call, arn);
  await clearBoundary(trx, entityId);
  await iamPolicies.attach(trx, entityId, { use: "boundary", arn });
}

/** Takes the boundary away; whether there was one. */
export async function clearBoundary(trx: WriteTransaction, entityId: string): Promise<boolean> {
  const known = await iamPolicies.listAttached(trx, entityId, "boundary");
  for (const arn of known) await iamPolicies.detach(trx, entityId, { use: "boundary", arn });
  return known.length > 0;
}

/** Sets a boundary by the names of a request. */
export async function putBoundary(
  call: QueryCall,
  name: EntityName,
  arn: string,
): Promise<Readonly<Record<string, never>>> {
  return change(call, async (trx) => {
    const entity = await requireChangeable(trx, call, name);
    await setBoundary(trx, call, { entityId: entity.id, arn });
    return {};
  });
}

/** Takes a boundary away by the names of a request. */
export async function deleteBoundary(
  call: QueryCall,
  name: EntityName,
): Promise<Readonly<Record<string, never>>> {
  return change(call, async (trx) => {
    const entity = await requireChangeable(trx, call, name);
    if (await clearBoundary(trx, entity.id)) return {};
    const message = `The ${name.kind} ${entity.name} does not have a permissions boundary.`;
    throw queryError("NoSuchEntity", message);
  });
}
