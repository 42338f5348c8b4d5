// Why a decision came out as it did, and what would have to change. A path of its own: it looks at
// every statement of every layer, which a decision never does.

import {
  type CompiledPolicy,
  type CompiledStatement,
  type Question,
  type StatementSource,
  coverageOf,
  namesAction,
  namesResource,
} from "./compile.ts";
import { servicePrefix } from "./action-pattern.ts";
import { type Condition, conditionHolds, factOf, factsOf } from "./condition.ts";
import { requestContext } from "./context.ts";
import { denialMessage } from "./denial.ts";
import { evaluate } from "./evaluate.ts";
import { covers } from "./principal-match.ts";
import type {
  AuthorizationRequest,
  Decision,
  PolicyLayer,
  PolicySet,
  PolicyType,
} from "./request.ts";

/** One condition, with what the request had for its key. */
export interface ConditionTrace {
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
  readonly given: string | readonly string[] | undefined;
  readonly holds: boolean;
}

/** How one statement fared with one resource. */
export interface StatementTrace {
  readonly policyType: PolicyType;
  readonly statement: StatementSource;
  readonly effect: "Allow" | "Deny";
  readonly resource: string;
  readonly namesAction: boolean;
  readonly namesResource: boolean;
  readonly coversCaller: boolean;
  readonly conditions: readonly ConditionTrace[];
  readonly applies: boolean;
}

export interface Explanation {
  readonly decision: Decision;
  /** The service's own error text; undefined when the request is allowed. */
  readonly message: string | undefined;
  readonly statements: readonly StatementTrace[];
  /** Sentences, each one change that would help; empty when the request is allowed. */
  readonly changes: readonly string[];
}

/** Explains a decision statement by statement. Slow by intention; the decision is `evaluate`'s. */
export function explain(request: AuthorizationRequest, policies: PolicySet): Explanation {
  const decision = evaluate(request, policies);
  const statements = layersOf(policies).flatMap(({ policyType, layer }) =>
    request.resources.flatMap((resource) => {
      const action = request.action.toLowerCase();
      const own = resource.context === undefined ? undefined : requestContext(resource.context);
      const facts = factsOf(request.principal, requestContext(request.context ?? {}), own);
      const service = servicePrefix(action) ?? "";
      const question = { action, service, resource: resource.arn, facts };
      // A resource that brings its own policy is not under the common one.
      const isOwn = policyType === "resource" && resource.policy !== undefined;
      const shown = isOwn ? resource.policy : layer;
      return traceLayer(shown, policyType, question);
    }),
  );
  if (decision.decision === "allow") {
    return { decision, message: undefined, statements, changes: [] };
  }
  const changes = changesFor(decision, statements, request.action);
  return { decision, message: denialMessage(request, decision), statements, changes };
}

interface Layer {
  readonly policyType: PolicyType;
  readonly layer: PolicyLayer | undefined;
}

function layersOf(policies: PolicySet): readonly Layer[] {
  const { identity, resource, boundary, session, scp = [], rcp = [], endpoint } = policies;
  const levels = (policyType: PolicyType, layers: readonly PolicyLayer[]): readonly Layer[] =>
    layers.map((layer) => ({ policyType, layer }));
  return [
    { policyType: "identity", layer: identity },
    { policyType: "resource", layer: resource },
    { policyType: "boundary", layer: boundary },
    { policyType: "session", layer: session },
    ...levels("scp", scp),
    ...levels("rcp", rcp),
    { policyType: "endpoint", layer: endpoint },
  ];
}

function traceLayer(
  layer: PolicyLayer | undefined,
  policyType: PolicyType,
  question: Question,
): readonly StatementTrace[] {
  if (layer === undefined) return [];
  const policies: readonly CompiledPolicy[] = "statements" in layer ? [layer] : layer;
  return policies.flatMap(({ statements }) =>
    statements.map((statement) => traceStatement(statement, policyType, question)),
  );
}

function traceStatement(
  statement: CompiledStatement,
  policyType: PolicyType,
  question: Question,
): StatementTrace {
  const { facts, resource, action } = question;
  const conditions = statement.conditions.map((condition) => traceCondition(condition, question));
  const parts = {
    namesAction: namesAction(statement, action),
    namesResource: namesResource(statement, question),
    coversCaller: coverageOf(statement, facts) !== covers.nothing,
  };
  const isNamed = parts.namesAction && parts.namesResource && parts.coversCaller;
  const applies = isNamed && conditions.every(({ holds }) => holds);
  const { source, effect } = statement;
  return { policyType, statement: source, effect, resource, ...parts, conditions, applies };
}

function traceCondition(condition: Condition, { facts }: Question): ConditionTrace {
  return {
    operator: condition.rule.operator,
    key: condition.key,
    wanted: condition.values,
    given: factOf(facts, condition.lowerKey),
    holds: conditionHolds(condition, facts),
  };
}

const layerNames: Readonly<Record<PolicyType, string>> = {
  identity: "an identity-based policy",
  resource: "the resource-based policy",
  boundary: "the permissions boundary",
  session: "the session policy",
  scp: "every level of service control policies",
  rcp: "the resource control policies",
  endpoint: "the VPC endpoint policy",
  trust: "the role's trust policy",
};

function changesFor(
  decision: Decision,
  statements: readonly StatementTrace[],
  action: string,
): readonly string[] {
  const { policyType = "identity", resource } = decision;
  if (decision.decision === "explicitDeny") {
    return statements
      .filter(({ effect, applies }) => effect === "Deny" && applies)
      .map(
        (trace) =>
          `Remove or narrow ${nameOf(trace)}, which denies ${action} on ${trace.resource}.`,
      );
  }
  const layer = policyType === "trust" ? "resource" : policyType;
  const near = statements.filter(
    (trace) =>
      trace.policyType === layer && trace.resource === resource && trace.effect === "Allow",
  );
  const fixes = near.flatMap(nearMiss);
  return [...fixes, `Allow ${action} on ${resource} in ${layerNames[policyType]}.`];
}

/** What one thing would make an Allow apply; nothing when two or more are wrong. */
function nearMiss(trace: StatementTrace): readonly string[] {
  const failed = trace.conditions.filter(({ holds }) => !holds);
  const wrong = [
    !trace.namesAction && "name the action",
    !trace.namesResource && `name the resource ${trace.resource}`,
    !trace.coversCaller && "name the caller as its principal",
    failed.length > 0 && failed.map(conditionFix).join(" and "),
  ].filter((text) => text !== false);
  // A statement about another action is no near miss.
  if (wrong.length !== 1 || !trace.namesAction) return [];
  return [`${nameOf(trace)} would allow it: ${wrong[0] ?? ""}.`];
}

function conditionFix({ operator, key, wanted, given }: ConditionTrace): string {
  const has =
    given === undefined ? "the request does not have it" : `the request has ${quoted(given)}`;
  return `${operator} ${key} wants ${quoted(wanted)}, ${has}`;
}

function quoted(value: string | readonly string[]): string {
  const list = typeof value === "string" ? [value] : value;
  return list.map((text) => `"${text}"`).join(", ");
}

function nameOf({ statement }: StatementTrace): string {
  const { sid, index, policy, line } = statement;
  const name = sid === undefined || sid === "" ? `statement ${index + 1}` : `statement "${sid}"`;
  return `${name} (line ${line}${policy === "" ? "" : ` of ${policy}`})`;
}
