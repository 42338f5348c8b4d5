import type { iamShapes } from "../../contract/contract.ts";
import {
  compile,
  type CompiledPolicy,
  evaluate,
  explain,
  parsePolicy,
  type PolicySet,
  type Principal,
  principalAccount,
  qbusinessActions,
  qbusinessResourceTypes,
  type RequestContext,
  type ResourceInput,
  type StatementTrace,
} from "../../iam/iam.ts";
import { invalidInput } from "./simulation-input.ts";
import type { SimulatedPolicies } from "./simulation-policies.ts";

type Decided = iamShapes.EvaluationResult["EvalDecision"];
type Details = Readonly<Record<string, Decided>>;

/** Statements looked at in one answer: what an event loop may be kept busy with. */
const looksMax = 200_000;

/** Everything about a simulation but the action. */
export type Scenario = {
  readonly principal: Principal;
  readonly policies: SimulatedPolicies;
  /** What each resource is and who owns it; `*` alone where none was named. */
  readonly resources: readonly ResourceInput[];
  readonly context: RequestContext;
  /** Keys that policies ask for and that neither the context nor the caller has. */
  readonly missingKeys: readonly string[];
};

/** How one resource fared. */
type Outcome = {
  readonly arn: string;
  readonly decision: Decided;
  readonly matched: readonly iamShapes.Statement[];
  readonly details: Details | undefined;
  readonly isWithinBoundary: boolean | undefined;
};

/**
 * Refuses what would take too long to answer at once.
 *
 * @throws QueryError InvalidInput naming the way out.
 */
export function checkExtent({ policies, resources }: Scenario, actionCount: number): void {
  const { identity, boundary, resource, scp = [] } = policies;
  const all = [identity, ...scp, ...[boundary, resource].filter((one) => one !== undefined)];
  const statements = all.reduce((sum, one) => sum + one.statements.length, 1);
  const looks = statements * resources.length * actionCount;
  if (looks <= looksMax) return;
  throw invalidInput(
    `${statements} statements, ${resources.length} resources and ${actionCount} actions are too many at once; lower MaxItems or name fewer.`,
  );
}

/**
 * Simulates one action on all resources ("EvaluationResult", IAM API Reference): the strictest
 * decision of any of them, what all of them have matched together, and each of them alone.
 */
export function simulateAction(scenario: Scenario, action: string): iamShapes.EvaluationResult {
  const { resources, missingKeys, policies } = scenario;
  const isAllowedByOrganization =
    policies.scp === undefined ? undefined : allowedByLevels(scenario, action);
  const outcomes = resources.map((resource) =>
    simulateOne(scenario, { action, resource, endsAtScp: isAllowedByOrganization === false }),
  );
  const decision = strictest(outcomes.map((outcome) => outcome.decision));
  const deciding = outcomes.filter((outcome) => outcome.decision === decision);
  const within = outcomes.map(({ isWithinBoundary }) => isWithinBoundary);
  const isSpecific = resources.some(({ arn }) => arn !== "*");
  const details = outcomes.map((outcome) => outcome.details).filter((one) => one !== undefined);
  return {
    EvalActionName: action,
    EvalResourceName: arnTemplate(action),
    EvalDecision: decision,
    MatchedStatements: distinct(deciding.flatMap(({ matched }) => matched)),
    MissingContextValues: missingKeys,
    OrganizationsDecisionDetail:
      isAllowedByOrganization === undefined
        ? undefined
        : { AllowedByOrganizations: isAllowedByOrganization },
    PermissionsBoundaryDecisionDetail: boundaryDetail(
      within[0] === undefined ? undefined : within.every((one) => one === true),
    ),
    EvalDecisionDetails: details.length === 0 ? undefined : strictestDetails(details),
    ResourceSpecificResults: isSpecific
      ? outcomes.map((outcome) => specificResult(outcome, missingKeys))
      : undefined,
  };
}

function specificResult(
  { arn, decision, matched, details, isWithinBoundary }: Outcome,
  missingKeys: readonly string[],
): iamShapes.ResourceSpecificResult {
  return {
    EvalResourceName: arn,
    EvalResourceDecision: decision,
    MatchedStatements: matched,
    MissingContextValues: missingKeys,
    EvalDecisionDetails: details,
    PermissionsBoundaryDecisionDetail: boundaryDetail(isWithinBoundary),
  };
}

function boundaryDetail(
  isWithin: boolean | undefined,
): iamShapes.PermissionsBoundaryDecisionDetail | undefined {
  return isWithin === undefined ? undefined : { AllowedByPermissionsBoundary: isWithin };
}

function simulateOne(
  { principal, policies, context }: Scenario,
  {
    action,
    resource,
    endsAtScp,
  }: { readonly action: string; readonly resource: ResourceInput; readonly endsAtScp: boolean },
): Outcome {
  const account = principalAccount(principal);
  const isForeign = resource.account !== account;
  const { identity, boundary, scp } = policies;
  const own = policies.resource ?? (isForeign ? undefined : delegationTo(account ?? ""));
  const set: PolicySet = {
    identity,
    ...(boundary !== undefined && { boundary }),
    ...(own !== undefined && { resource: own }),
    ...(scp !== undefined && { scp }),
  };
  const { decision, statements } = explain(
    { principal, action, resources: [resource], context },
    set,
  );
  const decided = decision.decision === "allow" ? "allowed" : decision.decision;
  const shown = decided === "implicitDeny" ? undefined : decided === "allowed" ? "Allow" : "Deny";
  const applying = statements.filter(({ applies }) => applies);
  const isWhole = resource.arn === "*";
  const noDetails = endsAtScp || (isWhole && !isForeign);
  return {
    arn: resource.arn,
    decision: decided,
    matched: applying
      .filter(({ effect }) => effect === shown)
      .flatMap((trace) => statementOf(trace, policies)),
    details: noDetails ? undefined : isForeign ? detailsOf(applying, set) : {},
    isWithinBoundary:
      boundary === undefined ? undefined : layerDecision(applying, "boundary") === "allowed",
  };
}

function statementOf(
  { statement, policyType }: StatementTrace,
  { sources }: SimulatedPolicies,
): readonly iamShapes.Statement[] {
  const source = sources.get(statement.policy);
  if (source === undefined || (policyType !== "identity" && policyType !== "resource")) return [];
  const { line, column, endLine, endColumn } = statement;
  return [
    {
      SourcePolicyId: source.id,
      SourcePolicyType: source.type,
      // The service counts columns from one; the end is the place behind the last brace.
      StartPosition: { Line: line, Column: column + 1 },
      EndPosition: { Line: endLine, Column: endColumn + 1 },
    },
  ];
}

/** What each kind of policy says alone; only calls across accounts are told. */
function detailsOf(applying: readonly StatementTrace[], set: PolicySet): Details {
  return {
    "IAM Policy": layerDecision(applying, "identity"),
    "Resource Policy": layerDecision(applying, "resource"),
    ...(set.boundary !== undefined && {
      "Permissions Boundary Policy": layerDecision(applying, "boundary"),
    }),
  };
}

function layerDecision(
  applying: readonly StatementTrace[],
  layer: StatementTrace["policyType"],
): Decided {
  const effects = applying.filter((one) => one.policyType === layer).map(({ effect }) => effect);
  if (effects.includes("Deny")) return "explicitDeny";
  return effects.includes("Allow") ? "allowed" : "implicitDeny";
}

/** Whether every level of the organization allows the action, all else being allowed. */
function allowedByLevels(scenario: Scenario, action: string): boolean {
  const { principal, policies, resources, context } = scenario;
  const account = principalAccount(principal) ?? "";
  const open = { identity: everything, resource: delegationTo(account) };
  const own = resources.map(({ arn }) => ({ arn, account }));
  const request = { principal, action, resources: own, context };
  const set = policies.scp === undefined ? open : { ...open, scp: policies.scp };
  return evaluate(request, set).decision === "allow";
}

const strictness: readonly Decided[] = ["allowed", "implicitDeny", "explicitDeny"];

function strictest(decisions: readonly Decided[]): Decided {
  const most = Math.max(0, ...decisions.map((decision) => strictness.indexOf(decision)));
  return strictness[most] ?? "explicitDeny";
}

function strictestDetails(all: readonly Details[]): Details {
  const kinds = [...new Set(all.flatMap((one) => Object.keys(one)))];
  return Object.fromEntries(
    kinds.map((kind) => [kind, strictest(all.flatMap((one) => one[kind] ?? []))]),
  );
}

function distinct(statements: readonly iamShapes.Statement[]): readonly iamShapes.Statement[] {
  return [...new Map(statements.map((one) => [JSON.stringify(one), one])).values()];
}

const everything = compiledOf("identity", { Action: "*", Resource: "*" });

/**
 * Stands for the resource's own policy where none is given, as for a key or a role whose account
 * decides by identity policies alone: simulations look no policies up.
 */
function delegationTo(account: string): CompiledPolicy {
  return compiledOf("resource", { Principal: { AWS: account }, Action: "*", Resource: "*" });
}

function compiledOf(kind: "identity" | "resource", statement: object): CompiledPolicy {
  const Statement = [{ Effect: "Allow", ...statement }];
  const parsed = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement }), { kind });
  if (!parsed.ok) throw new Error(parsed.refusal.message);
  return compile(parsed.policy);
}

/** `arn:${Partition}:qbusiness:…` of the type that an action is about; `*` where none is known. */
function arnTemplate(action: string): string {
  const [service = "", name = ""] = action.split(":");
  const types = service.toLowerCase() === "qbusiness" ? qbusinessActions.get(name)?.resources : [];
  if (types === undefined || types.length === 0) return "*";
  const path = types.map((type) => {
    const { word, id } = qbusinessResourceTypes[type];
    return `${word}/\${${id.charAt(0).toUpperCase()}${id.slice(1)}}`;
  });
  return `arn:\${Partition}:qbusiness:\${Region}:\${Account}:${path.join("/")}`;
}
