import { canonicalEmail } from "../core/email.ts";
import { principals } from "../store/store.ts";
import { requireActiveApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { noUser } from "./user-aliases.ts";

/**
 * Removes a user with all aliases ("DeleteUser", API reference). Access lists and groups that name
 * the address stay as they are: they match again if it comes back.
 */
export const deleteUser: Operation<"DeleteUser"> = async ({ applicationId, userId }, call) => {
  await requireActiveApplication(call, applicationId);
  const key = { applicationId, userId: canonicalEmail(userId) };
  await call.db.write(async (trx) => {
    const user = await principals.findUser(trx, key);
    if (user === undefined) throw noUser(userId);
    await principals.removeUser(trx, user);
  });
  return {};
};
