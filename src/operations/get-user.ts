import { canonicalEmail } from "../core/email.ts";
import { principals } from "../store/store.ts";
import { requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { noUser, wireAlias } from "./user-aliases.ts";

/** The aliases of a user ("GetUser", API reference). */
export const getUser: Operation<"GetUser"> = async ({ applicationId, userId: name }, call) => {
  await requireApplication(call, applicationId);
  const userId = canonicalEmail(name);
  const user = await principals.findUser(call.db.read, { applicationId, userId });
  if (user === undefined) throw noUser(name);
  const aliases = await principals.listAliases(call.db.read, user.key);
  return { userAliases: aliases.map(wireAlias) };
};
