import type { iamShapes } from "../../contract/contract.ts";
import { tags as tagStore } from "../../store/store.ts";
import { shownBoundary } from "./boundaries.ts";
import { askOf, requireEntity, userNameOf } from "./entities.ts";
import type { QueryCall, QueryOperation } from "./query-operation.ts";
import { queryTags } from "./tags.ts";
import { userAnswer } from "./user.ts";

/** Reads a user, the caller where no name is given ("GetUser", IAM API Reference). */
export const getUser: QueryOperation<"iam", "GetUser"> = {
  async asks(input, call) {
    // Nothing but an explicit deny could refuse the root user, and there is none for it.
    if (isAboutRoot(input, call)) return [];
    return askOf(call, "iam:GetUser", userNameOf(call, input.UserName));
  },

  async run(input, call) {
    if (isAboutRoot(input, call)) return { User: rootAnswer(call) };
    const user = await requireEntity(call.db.read, call, userNameOf(call, input.UserName));
    const tags = await tagStore.list(call.db.read, user.arn);
    const Tags = tags.length === 0 ? undefined : queryTags(tags);
    const PermissionsBoundary = await shownBoundary(call.db.read, user.id);
    return { User: { ...userAnswer(user), PermissionsBoundary, Tags } };
  },
};

function isAboutRoot(input: iamShapes.GetUserRequest, call: QueryCall): boolean {
  return input.UserName === undefined && call.caller.principal.type === "root";
}

/** The root user is no entity: it has an account id for an id, and neither name nor path. */
function rootAnswer({ caller, identity }: QueryCall): iamShapes.User {
  const Arn = `arn:aws:iam::${caller.accountId}:root`;
  const user: Partial<iamShapes.User> = { UserId: identity.accountId, Arn };
  return user as iamShapes.User;
}
