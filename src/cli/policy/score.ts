import {
  compile,
  type CompiledPolicy,
  evaluate,
  parsePolicy,
  type PolicyKind,
  type PolicySet,
  principalFromArn,
  validatePolicy,
} from "../../iam/iam.ts";
import { CliError } from "../context.ts";
import type { DecisionCase, ExpectedFinding, ValidationCase } from "./cases.ts";
import { requirePolicy } from "./files.ts";

/** What one case came to. */
export type CaseResult = {
  readonly file: string;
  readonly id: string;
  readonly group: string;
  readonly why: string;
  /** False where nothing about the case is settled. */
  readonly isScored: boolean;
  /** Sentences; a case without them agrees. */
  readonly differences: readonly string[];
  /** What is not scored, and what came of it. */
  readonly notes: readonly string[];
};

/** Runs a case. A document that cannot be parsed makes a difference, not an error. */
export function runCase(one: DecisionCase | ValidationCase, file: string): CaseResult {
  const { id, group, why } = one;
  const outcome = one.type === "decision" ? decide(one) : validate(one);
  return { file, id, group, why, ...outcome };
}

type Outcome = Pick<CaseResult, "isScored" | "differences" | "notes">;

const words = { allow: "Allow", implicitDeny: "ImplicitDeny", explicitDeny: "ExplicitDeny" };

function decide(one: DecisionCase): Outcome {
  const got = decisionOf(one);
  if (one.isDisputed) {
    return {
      isScored: false,
      differences: [],
      notes: [`disputed: got ${got}, given ${one.expect}`],
    };
  }
  const differences = got === one.expect ? [] : [`got ${got}, expected ${one.expect}`];
  return { isScored: true, differences, notes: [] };
}

function decisionOf(one: DecisionCase): string {
  const { action, context, resources } = one;
  const roleArn = context["aws:PrincipalArn"];
  const hints = typeof roleArn === "string" ? { roleArn } : {};
  const principal = principalFromArn(one.principal, hints);
  if (principal === undefined) return `no principal (${one.principal})`;
  try {
    return words[evaluate({ principal, action, resources, context }, setOf(one)).decision];
  } catch (error) {
    if (error instanceof CliError) return error.message;
    throw error;
  }
}

function setOf({ policies, levels, present, grants, action }: DecisionCase): PolicySet {
  const service = action.split(":")[0]?.toLowerCase();
  const resourceKind: PolicyKind =
    service === "sts" ? "trust" : service === "kms" ? "key" : "resource";
  const layer = (texts: readonly string[], kind: PolicyKind): readonly CompiledPolicy[] =>
    texts.map((text, at) => compile(requirePolicy({ name: `${kind}[${at}]`, text }, { kind })));
  const { scp, rcp } = levels;
  return {
    identity: layer(policies.identity, "identity"),
    ...(present.has("resource") && { resource: layer(policies.resource, resourceKind) }),
    ...(present.has("boundary") && { boundary: layer(policies.boundary, "boundary") }),
    ...(present.has("session") && { session: layer(policies.session, "session") }),
    ...(scp !== undefined && { scp: scp.map((level) => layer(level, "scp")) }),
    ...(rcp !== undefined && { rcp: rcp.map((level) => layer(level, "rcp")) }),
    ...(grants.length > 0 && { grants }),
  };
}

function validate(one: ValidationCase): Outcome {
  const isCreateSettled = !one.uncertain.includes("create");
  const creation = creationDifferences(one);
  const found = findingDifferences(one);
  const settled = isCreateSettled ? [...creation, ...found] : found;
  const open = one.uncertain.map((what) => `uncertain: ${what}`);
  const notes = isCreateSettled
    ? open
    : [...open, ...creation.map((text) => `not scored: ${text}`)];
  return { isScored: true, differences: settled, notes };
}

function creationDifferences({ kind, text, isAccepted, code, message }: ValidationCase) {
  const parsing = parsePolicy(text, { kind });
  if (parsing.ok !== isAccepted) {
    const got = parsing.ok ? "taken" : `refused (${parsing.refusal.message})`;
    return [`${got}, expected to be ${isAccepted ? "taken" : "refused"}`];
  }
  if (parsing.ok) return [];
  const pairs = [
    ["code", parsing.refusal.code, code],
    ["message", parsing.refusal.message, message],
  ] as const;
  return pairs
    .filter(([, got, expected]) => expected !== undefined && got !== expected)
    .map(([what, got, expected]) => `refused with the ${what} ${got}, expected ${expected}`);
}

function findingDifferences(one: ValidationCase): readonly string[] {
  const got = validatePolicy(one.text, { kind: one.kind });
  const nameOf = ({ type, code }: Pick<ExpectedFinding, "type" | "code">): string =>
    `${type} ${code}`;
  const isSettled = ({ code }: { readonly code: string }): boolean => !one.uncertain.includes(code);
  const found = new Set(got.filter(isSettled).map(nameOf));
  const wanted = new Set(one.findings.filter(isSettled).map(nameOf));
  const misplaced = one.findings.filter(isSettled).filter(({ code, location }) => {
    const own = got.filter((each) => each.code === code);
    const isThere = ({ range: { start } }: (typeof got)[number]): boolean =>
      start.line === location?.line && start.column === location.column;
    return location !== undefined && own.length > 0 && !own.some(isThere);
  });
  return [
    ...[...found].filter((name) => !wanted.has(name)).map((name) => `found ${name} unexpectedly`),
    ...[...wanted].filter((name) => !found.has(name)).map((name) => `did not find ${name}`),
    ...misplaced.map(
      (each) => `found ${nameOf(each)}, but not at ${each.location?.line}:${each.location?.column}`,
    ),
  ];
}
