// Random cases through both evaluators.

import type { CompiledPolicy } from "../compile.ts";
import { evaluate } from "../evaluate.ts";
import type { PolicyKind } from "../policy.ts";
import type { Principal } from "../principal.ts";
import type { AuthorizationRequest, PolicySet } from "../request.ts";
import { compiled } from "./policies.ts";
import { plainEvaluate } from "./plain-evaluator.ts";
import { listOf } from "./plain-values.ts";
import type {
  PlainAnswer,
  PlainDocument,
  PlainPolicies,
  PlainPrincipal,
  PlainRequest,
} from "./plain-types.ts";
import {
  type Dice,
  dice,
  randomActions,
  randomContext,
  randomPolicies,
  randomPrincipals,
  randomResources,
} from "./random.ts";

export interface Comparison {
  readonly counts: Readonly<Record<PlainAnswer, number>>;
  /** The first case on which the two differ, as JSON. */
  readonly difference: string | undefined;
}

/**
 * Compares the engine with its plain twin on random (policy set, request) pairs; each policy set
 * meets eight requests. Stops at the first difference.
 */
export function compareRandom(pairs: number, seed: number): Comparison {
  const roll = dice(seed);
  const counts: Record<PlainAnswer, number> = { allow: 0, implicitDeny: 0, explicitDeny: 0 };
  for (let done = 0; done < pairs;) {
    const plain = randomPolicies(roll);
    const policies = compiledSet(plain);
    for (let more = 8; more > 0 && done < pairs; more -= 1, done += 1) {
      const request = randomRequest(roll);
      const expected = plainEvaluate(request, plain);
      const { decision } = evaluate(requestOf(request), policies);
      counts[expected] += 1;
      if (decision === expected) continue;
      return { counts, difference: JSON.stringify({ seed, expected, decision, request, plain }) };
    }
  }
  return { counts, difference: undefined };
}

export function randomRequest(roll: Dice): PlainRequest {
  const owner = roll.oneOf(["111122223333", "111122223333", "444455556666", ""]);
  return {
    principal: roll.oneOf(randomPrincipals),
    action: roll.oneOf(randomActions),
    resource: roll.oneOf(randomResources),
    ...(owner !== "" && { owner }),
    context: randomContext(roll),
  };
}

export function requestOf({
  principal,
  action,
  resource,
  owner,
  context,
}: PlainRequest): AuthorizationRequest {
  const account = owner === undefined ? {} : { account: owner };
  return {
    principal: principalOf(principal),
    action,
    resources: [{ arn: resource, ...account }],
    context,
  };
}

function principalOf({ kind, account = "", name, behind = "", id }: PlainPrincipal): Principal {
  const uniqueId = id === undefined ? {} : { uniqueId: id };
  const last = name.split("/").at(-1) ?? "";
  switch (kind) {
    case "user":
      return { type: "user", arn: name, account, name: last, ...uniqueId };
    case "role":
      return { type: "role", arn: name, roleArn: behind, account, sessionName: last, ...uniqueId };
    case "federated":
      return { type: "federatedUser", arn: name, account, name: last, userArn: behind };
    case "root":
      return { type: "root", arn: name, account };
    case "service":
      return { type: "service", service: name };
    case "provider":
      return { type: "provider", provider: name };
    default:
      return { type: "anonymous" };
  }
}

export function compiledSet(plain: PlainPolicies): PolicySet {
  const layer = (
    documents: readonly PlainDocument[],
    kind: PolicyKind,
  ): readonly CompiledPolicy[] => documents.map((document) => compiled(document, kind));
  const { identity, resource, boundary, session, scp, rcp, endpoint } = plain;
  return {
    ...(identity && { identity: layer(identity, "identity") }),
    ...(resource && { resource: layer(resource, isTrust(resource) ? "trust" : "resource") }),
    ...(boundary && { boundary: layer(boundary, "boundary") }),
    ...(session && { session: layer(session, "session") }),
    ...(scp && { scp: scp.map((level) => layer(level, "scp")) }),
    ...(rcp && { rcp: rcp.map((level) => layer(level, "rcp")) }),
    ...(endpoint && { endpoint: layer(endpoint, "endpoint") }),
  };
}

function isTrust(documents: readonly PlainDocument[]): boolean {
  return documents.some(({ Statement }) =>
    listOf(Statement).some((one) => one.Resource === undefined && one.NotResource === undefined),
  );
}
