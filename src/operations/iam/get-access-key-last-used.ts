import { iamStore } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { askOf, askOfAll } from "./entities.ts";
import type { QueryCall, QueryOperation } from "./query-operation.ts";

/**
 * When a key last signed a request, in which Region and to which service ("GetAccessKeyLastUsed",
 * IAM API Reference). Refused requests count as well; a key that was never used has no date, and
 * "N/A" for both. The permission is asked for the user whose key it is; for a key that is not
 * there, for everything.
 *
 * Errors: NoSuchEntity, also for the root user's key.
 */
export const getAccessKeyLastUsed: QueryOperation<"iam", "GetAccessKeyLastUsed"> = {
  async asks({ AccessKeyId }, call) {
    const found = await findKey(call, AccessKeyId);
    const action = "iam:GetAccessKeyLastUsed";
    if (found === undefined) return askOfAll(action);
    return askOf(call, action, { kind: "user", name: found.user.name });
  },

  async run({ AccessKeyId }, call) {
    const found = await findKey(call, AccessKeyId);
    if (found === undefined) {
      const message = `The Access Key with id ${AccessKeyId} cannot be found.`;
      throw queryError("NoSuchEntity", message);
    }
    const use = await call.identity.keyUses.find(found.key);
    return {
      UserName: found.user.name,
      AccessKeyLastUsed: {
        LastUsedDate: use?.usedAt,
        ServiceName: use?.service ?? "N/A",
        Region: use?.region ?? "N/A",
      },
    };
  },
};

/** A key of the caller's account, with its user. */
async function findKey({ db, caller }: QueryCall, id: string) {
  const key = await iamStore.findKey(db.read, id);
  const user = key && (await iamStore.findEntityById(db.read, key.entityId));
  const isOwn = key !== undefined && user?.accountId === caller.accountId;
  return isOwn ? { key, user } : undefined;
}
