import { resourceContext } from "../../iam/iam.ts";
import type { QueryOperation } from "../iam/query-operation.ts";
import { tagsOf } from "../iam/tags.ts";
import { ownSessionSeconds } from "./own-session.ts";
import { makeCredentials } from "./session.ts";
import { checkSessionPolicies, packedSizeOf, type SessionLoad } from "./session-policy.ts";
import { sessionTagsOf } from "./session-tags.ts";

/**
 * Makes temporary credentials of somebody whom the calling user vouches for ("GetFederationToken",
 * AWS STS API Reference). They may do what both the user and the session's policies allow, and
 * nothing where no policy is given.
 *
 * Errors: AccessDenied, MalformedPolicyDocument, PackedPolicyTooLarge, ValidationError.
 */
export const getFederationToken: QueryOperation<"sts", "GetFederationToken"> = {
  async asks({ Name, Tags }, { caller: { accountId: account } }) {
    const arn = arnOf(account, Name);
    const resources = [{ arn, account, context: resourceContext({ account }) }];
    const tags = tagsOf(Tags);
    const actions = ["sts:GetFederationToken", ...(tags.length > 0 ? ["sts:TagSession"] : [])];
    return actions.map((action) => ({ action, resources, tags }));
  },

  async run(input, call) {
    const { caller } = call;
    const { Name, Policy, PolicyArns = [] } = input;
    const seconds = ownSessionSeconds(input, caller);
    const { tags } = sessionTagsOf({ ...(input.Tags && { Tags: input.Tags }) }, caller);
    const policyArns = PolicyArns.flatMap(({ arn }) => arn ?? []);
    const load: SessionLoad = {
      ...(Policy !== undefined && { policy: Policy }),
      ...(policyArns.length > 0 && { policyArns }),
      ...(Object.keys(tags).length > 0 && { tags }),
    };
    await checkSessionPolicies(call, load);
    const PackedPolicySize = packedSizeOf(load);
    const who = { roleId: caller.entityId ?? "", sessionName: Name, of: "federatedUser" } as const;
    return {
      Credentials: makeCredentials(call, { ...who, seconds, load }),
      FederatedUser: {
        FederatedUserId: `${caller.accountId}:${Name}`,
        Arn: arnOf(caller.accountId, Name),
      },
      PackedPolicySize,
    };
  },
};

function arnOf(account: string, name: string): string {
  return `arn:aws:sts::${account}:federated-user/${name}`;
}
