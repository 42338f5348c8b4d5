import { askOfAll } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";
import { namelessCaller, simulatedCaller } from "./simulation-caller.ts";
import { checkSimulation, invalidInput, type SimulationInput } from "./simulation-input.ts";
import { inputPolicies, simulatedPolicies } from "./simulation-policies.ts";
import { runSimulation } from "./simulation-run.ts";

/**
 * Decides actions by policies that the request brings along ("SimulateCustomPolicy", IAM API
 * Reference). Nothing is looked up: neither policies, nor tags, nor keys of the context. Without a
 * CallerArn somebody of the caller's own account is simulated who has no name.
 *
 * Errors: InvalidInput for policies, ARNs, keys and scenarios that make no sense.
 */
export const simulateCustomPolicy: QueryOperation<"iam", "SimulateCustomPolicy"> = {
  asks: () => askOfAll("iam:SimulateCustomPolicy"),

  async run(decoded, call) {
    const input: SimulationInput = decoded;
    checkSimulation(input);
    const { CallerArn, ResourcePolicy: resource } = input;
    if (resource !== undefined && CallerArn === undefined) {
      throw invalidInput("ResourcePolicy needs a CallerArn: its Principal is compared with it.");
    }
    const principal =
      CallerArn === undefined
        ? namelessCaller(call.caller.accountId)
        : await simulatedCaller(call, CallerArn);
    const levels = input.OrderedOrganizationPolicyInputList;
    const policies = simulatedPolicies({
      identity: inputPolicies(input.PolicyInputList ?? []),
      boundary: input.PermissionsBoundaryPolicyInputList?.[0],
      resource,
      levels: levels?.map((level) => level.ServiceControlPolicyInputList ?? []),
    });
    return runSimulation(call, { listing: ["simulate", "custom"], input, principal, policies });
  },
};
