import { iamStore } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { askOfAll } from "../iam/entities.ts";
import type { QueryOperation } from "../iam/query-operation.ts";

/**
 * Says whose account a key belongs to, in whatever state the key is ("GetAccessKeyInfo", AWS STS
 * API Reference). The real service reads the account out of the id; ours knows the keys of users
 * and of the root user, and keeps no list of sessions.
 */
export const getAccessKeyInfo: QueryOperation<"sts", "GetAccessKeyInfo"> = {
  asks: () => askOfAll("sts:GetAccessKeyInfo"),

  async run({ AccessKeyId: id }, { db, identity }) {
    const key = await iamStore.findKey(db.read, id);
    const owner = key && (await iamStore.findEntityById(db.read, key.entityId));
    if (owner !== undefined) return { Account: owner.accountId };
    const known = await identity.findKey({ accessKeyId: id, sessionToken: undefined });
    if (known !== undefined) return { Account: known.caller.accountId };
    throw queryError("ValidationError", `The access key ${id} is not known to this service.`);
  },
};
