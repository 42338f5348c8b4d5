import { setImmediate } from "node:timers/promises";
import type { iamShapes } from "../../contract/contract.ts";
import {
  compile,
  evaluate,
  parsePolicy,
  type Principal,
  principalAccount,
  requestContext,
  type ResourceInput,
} from "../../iam/iam.ts";
import { readQueryPage } from "./paging.ts";
import type { QueryCall } from "./query-operation.ts";
import { checkExtent, type Scenario, simulateAction } from "./simulation.ts";
import { simulatedContext } from "./simulation-context.ts";
import { ownerOf, resourceArnsOf, type SimulationInput } from "./simulation-input.ts";
import type { SimulatedPolicies } from "./simulation-policies.ts";

/** A simulation whose policies and caller have been found. */
export type Simulation = {
  /** What the pages of one listing have in common besides the input. */
  readonly listing: readonly string[];
  readonly input: SimulationInput;
  readonly principal: Principal;
  readonly policies: SimulatedPolicies;
};

/**
 * One page of a simulation: a result for each action. Only those of the page are decided.
 *
 * @throws QueryError InvalidInput, or ValidationError for a marker of anything else.
 */
export async function runSimulation(
  call: QueryCall,
  { listing, input, principal, policies }: Simulation,
): Promise<iamShapes.SimulatePolicyResponse> {
  const { MaxItems: _max, Marker: _marker, ...asked } = input;
  const entries = simulatedContext(input.ContextEntries ?? []);
  const context = requestContext(entries);
  // A list without values is a key that is absent.
  const given = new Set(
    Object.keys(entries).flatMap((key) =>
      Array.isArray(entries[key]) && entries[key].length === 0 ? [] : key.toLowerCase(),
    ),
  );
  const resources = resourcesOf(input, principalAccount(principal) ?? "");
  const missingKeys = missingKeysOf(policies, principal, given);
  const scenario: Scenario = { principal, policies, resources, context, missingKeys };
  const named = input.ActionNames.map((action, at) => ({ action, at: positionAt(at) }));
  const { items, paging } = await readQueryPage(
    call,
    { listing: [...listing, JSON.stringify(asked)], input },
    async (after, limit) => named.filter(({ at }) => at > after).slice(0, limit),
    ({ at }) => at,
  );
  checkExtent(scenario, items.length);
  const EvaluationResults: iamShapes.EvaluationResult[] = [];
  for (const { action } of items) {
    EvaluationResults.push(simulateAction(scenario, action));
    // Other requests get their turn between two actions.
    await setImmediate();
  }
  return { EvaluationResults, ...paging };
}

/** Positions are compared as texts. */
function positionAt(index: number): string {
  return String(index).padStart(8, "0");
}

/** An ARN that leaves its owner open belongs to ResourceOwner, or else to the caller's account. */
function resourcesOf(input: SimulationInput, callerAccount: string): readonly ResourceInput[] {
  const owner = ownerOf(input) ?? callerAccount;
  return resourceArnsOf(input).map((arn) => {
    const named = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn)?.[1];
    return { arn, account: named ?? owner };
  });
}

/** Keys that are asked for and are not there, as the engine finds them. */
function missingKeysOf(
  { contextKeys }: SimulatedPolicies,
  principal: Principal,
  given: ReadonlySet<string>,
): readonly string[] {
  const account = principalAccount(principal) ?? "";
  const isNameless = "arn" in principal && principal.arn === "";
  return contextKeys.filter((key) => {
    if (given.has(key.toLowerCase())) return false;
    if (isNameless && key.toLowerCase() === "aws:principalarn") return true;
    const Condition = { Null: { [key]: "true" } };
    const Statement = [{ Effect: "Allow", Action: "*", Resource: "*", Condition }];
    const text = JSON.stringify({ Version: "2012-10-17", Statement });
    const parsed = parsePolicy(text, { kind: "identity" });
    // A key that only a variable can spell: nothing can have it.
    if (!parsed.ok) return true;
    const request = { principal, action: "a:A", resources: [{ arn: "*", account }] };
    return evaluate(request, { identity: compile(parsed.policy) }).decision === "allow";
  });
}
