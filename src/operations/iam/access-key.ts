import { type AccessKey, iamStore, type WriteTransaction } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { requireEntity, userNameOf } from "./entities.ts";
import type { QueryCall } from "./query-operation.ts";

/**
 * A key of the named user, or of the caller. Somebody else's key looks like none.
 *
 * @throws QueryError NoSuchEntity.
 */
export async function requireKey(
  trx: WriteTransaction,
  call: QueryCall,
  {
    UserName,
    AccessKeyId,
  }: { readonly UserName?: string | undefined; readonly AccessKeyId: string },
): Promise<AccessKey> {
  const user = await requireEntity(trx, call, userNameOf(call, UserName));
  const key = await iamStore.findKey(trx, AccessKeyId);
  if (key?.entityId === user.id) return key;
  throw queryError("NoSuchEntity", `The Access Key with id ${AccessKeyId} cannot be found.`);
}
