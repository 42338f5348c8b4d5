import type { Principal } from "../../iam/iam.ts";
import { callerName } from "../../identity/identity.ts";
import type { QueryOperation } from "../iam/query-operation.ts";

/** Says who calls. Needs no permission, and none can take it away ("GetCallerIdentity", STS). */
export const getCallerIdentity: QueryOperation<"sts", "GetCallerIdentity"> = {
  asks: async () => [],

  run: async (_input, { caller }) => ({
    UserId: userIdOf(caller.principal) ?? caller.accountId,
    Account: caller.accountId,
    Arn: callerName(caller),
  }),
};

/** The table of `aws:userid` in "IAM JSON policy elements: Variables and tags", IAM User Guide. */
function userIdOf(principal: Principal): string | undefined {
  switch (principal.type) {
    case "user":
      return principal.uniqueId;
    case "role":
      return `${principal.uniqueId}:${principal.sessionName}`;
    case "federatedUser":
      return `${principal.account}:${principal.name}`;
    default:
      return undefined;
  }
}
