import { canonicalEmail } from "../core/email.ts";
import { planAliases } from "../principals/principals.ts";
import { principals } from "../store/store.ts";
import { requireActiveApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import {
  applyAliases,
  checkAliasForms,
  checkAliasScopes,
  noUser,
  wireAlias,
} from "./user-aliases.ts";

/**
 * Adds and removes aliases of a user, all or none, and says which were new, there already, and
 * removed ("UpdateUser", API reference). It counts from the next question on.
 */
export const updateUser: Operation<"UpdateUser"> = async (input, call) => {
  const { applicationId, userAliasesToUpdate = [], userAliasesToDelete = [] } = input;
  await requireActiveApplication(call, applicationId);
  checkAliasForms({ userAliasesToDelete });
  // What is to be deleted may name an index or data source that is gone.
  await checkAliasScopes(call, applicationId, { userAliasesToUpdate });
  const userId = canonicalEmail(input.userId);
  const plan = await call.db.write(async (trx) => {
    const user = await principals.findUser(trx, { applicationId, userId });
    if (user === undefined) throw noUser(input.userId);
    const existing = await principals.listAliases(trx, user.key);
    const change = planAliases(existing, {
      update: userAliasesToUpdate,
      delete: userAliasesToDelete,
    });
    await applyAliases(call, trx, user, change);
    return change;
  });
  return {
    userAliasesAdded: plan.added.map(wireAlias),
    userAliasesUpdated: plan.kept.map(wireAlias),
    userAliasesDeleted: plan.deleted.map(wireAlias),
  };
};
