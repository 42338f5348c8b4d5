import { canonicalEmail } from "../core/email.ts";
import { planAliases } from "../principals/principals.ts";
import { principals } from "../store/store.ts";
import { once } from "./idempotent.ts";
import { conflict, requireActiveApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { applyAliases, checkAliasScopes, userType } from "./user-aliases.ts";

/**
 * Makes a user known with the names they go by elsewhere ("CreateUser", API reference). On an
 * anonymous application it succeeds as well, because connectors call it, and has no effect.
 */
export const createUser: Operation<"CreateUser"> = async (input, call) => {
  const { applicationId, userId: name, userAliases = [], clientToken: token } = input;
  await requireActiveApplication(call, applicationId);
  await checkAliasScopes(call, applicationId, { userAliases });
  const userId = canonicalEmail(name);
  return once(call, { operation: "CreateUser", token, input }, async (trx) => {
    const isAlias = { applicationId, indexId: "", dataSourceId: "", alias: userId };
    const isTaken =
      (await principals.findUser(trx, { applicationId, userId })) !== undefined ||
      (await principals.findAliasOwner(trx, isAlias)) !== undefined;
    if (isTaken) {
      throw conflict(userType, name, `The application has a user ${name} already; update it.`);
    }
    const user = { applicationId, userId, name, subjectId: "" };
    const key = await principals.insertUser(trx, { ...user, at: call.now });
    const plan = planAliases([], { update: userAliases, delete: [] });
    await applyAliases(call, trx, { ...user, key }, plan);
    return {};
  });
};
