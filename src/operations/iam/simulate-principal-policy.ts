import type { QueryOperation } from "./query-operation.ts";
import { attachedPolicies } from "./attached-policies.ts";
import { isExcluded, readExclusions } from "./policy-exclusions.ts";
import { simulatedCaller } from "./simulation-caller.ts";
import { checkSimulation, type SimulationInput } from "./simulation-input.ts";
import { inputPolicies, simulatedPolicies } from "./simulation-policies.ts";
import { runSimulation } from "./simulation-run.ts";

/**
 * Decides actions by what a user, group or role has, with policies added or left out
 * ("SimulatePrincipalPolicy", IAM API Reference). A boundary that the request brings takes the place
 * of the entity's own. Policies of resources and tags are not looked up.
 *
 * Errors: NoSuchEntity, InvalidInput.
 */
export const simulatePrincipalPolicy: QueryOperation<"iam", "SimulatePrincipalPolicy"> = {
  asks: async ({ PolicySourceArn: arn }, { caller }) => [
    {
      action: "iam:SimulatePrincipalPolicy",
      resources: [{ arn, account: caller.accountId }],
    },
  ],

  async run(decoded, call) {
    const { PolicySourceArn } = decoded;
    const input: SimulationInput = decoded;
    checkSimulation(input);
    const exclusions = readExclusions(input.PolicyExclusionList ?? []);
    const { attached, boundary } = await attachedPolicies(call, PolicySourceArn);
    const kept = attached.filter((policy) => !isExcluded(exclusions, policy));
    const [given] = input.PermissionsBoundaryPolicyInputList ?? [];
    const own = boundary !== undefined && isExcluded(exclusions, boundary) ? undefined : boundary;
    const principal = await simulatedCaller(call, input.CallerArn ?? PolicySourceArn);
    const policies = simulatedPolicies({
      identity: [...kept, ...inputPolicies(input.PolicyInputList ?? [])],
      boundary: given ?? own?.document,
      resource: input.ResourcePolicy,
      levels: undefined,
    });
    const listing = ["simulate", PolicySourceArn];
    return runSimulation(call, { listing, input, principal, policies });
  },
};
