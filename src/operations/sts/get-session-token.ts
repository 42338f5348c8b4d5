import type { QueryOperation } from "../iam/query-operation.ts";
import { ownSessionSeconds } from "./own-session.ts";
import { makeCredentials } from "./session.ts";

/**
 * Makes temporary credentials of the user that calls, with what the user may do from then on
 * ("GetSessionToken", AWS STS API Reference). Needs no permission, and none can take it away; what
 * such a session may not call is refused by `refuseSession`.
 */
export const getSessionToken: QueryOperation<"sts", "GetSessionToken"> = {
  asks: async () => [],

  run: async (input, call) => {
    const { caller } = call;
    const seconds = ownSessionSeconds(input, caller);
    const who = { roleId: caller.entityId ?? "", sessionName: "", of: "user" } as const;
    return { Credentials: makeCredentials(call, { ...who, seconds, load: {} }) };
  },
};
