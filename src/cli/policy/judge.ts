import {
  type AuthorizationRequest,
  chainOfArn,
  type Decision,
  evaluateQBusiness,
  explain,
  type PolicySet,
  type PolicyType,
  type Principal,
  principalAccount,
  qbusinessActions,
  type ResourceInput,
} from "../../iam/iam.ts";

/** One call to be decided. */
export type SimulatedCall = {
  readonly principal: Principal;
  readonly action: string;
  readonly arn: string;
  /** Condition keys, as they were given. */
  readonly keys: Readonly<Record<string, string | readonly string[]>>;
  /** Owner of a resource whose ARN names none; the caller's account where it is absent. */
  readonly ownerDefault: string | undefined;
};

/** A statement and where it stands; the line counts from one, the column from zero. */
export type DecidingStatement = {
  readonly policyType: PolicyType;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly sid: string | undefined;
};

/** How a call was decided, and why. */
export type Judgement = {
  readonly action: string;
  readonly resource: string;
  readonly decision: Decision["decision"];
  readonly statements: readonly DecidingStatement[];
  /** In AWS's words; absent where the call is allowed. */
  readonly message: string | undefined;
  /** Sentences, each one change that would help. */
  readonly changes: readonly string[];
};

/**
 * Decides one call and explains it. A call of the service is decided as the server does: a Deny
 * counts on everything above the resource too, the Allow is asked of the resource itself.
 */
export function explainCall(call: SimulatedCall, set: PolicySet): Judgement {
  const { principal, action, arn, keys } = call;
  const operation = operationOf(action);
  const arns = (operation === undefined ? undefined : chainOfArn(arn)) ?? [arn];
  const chain = arns.map((each) => resourceOf(each, call));
  const target = chain.length - 1;
  const resources = chain.map((one, at) => (at < target ? { ...one, isParent: true } : one));
  const request: AuthorizationRequest = { principal, action, resources, context: keys };
  const explained = explain(request, set);
  const decision =
    operation === undefined
      ? explained.decision
      : evaluateQBusiness({ principal, operation, chain, context: keys }, set);
  const isAllowed = decision.decision === "allow";
  return {
    action,
    resource: arn,
    decision: decision.decision,
    statements: statementsOf(decision),
    message: isAllowed ? undefined : explained.message,
    changes: isAllowed ? [] : explained.changes,
  };
}

const operations = new Map([...qbusinessActions.keys()].map((name) => [name.toLowerCase(), name]));

/** The operation that a `qbusiness:` action means; actions ignore case. */
function operationOf(action: string): string | undefined {
  const lower = action.toLowerCase();
  return lower.startsWith("qbusiness:")
    ? operations.get(lower.slice("qbusiness:".length))
    : undefined;
}

function resourceOf(arn: string, { principal, keys, ownerDefault }: SimulatedCall): ResourceInput {
  const inArn = arn.split(":")[4] ?? "";
  const named = /^\d{12}$/.test(inArn) ? inArn : undefined;
  const account = named ?? ownerDefault ?? principalAccount(principal);
  if (account === undefined) return { arn };
  const isGiven = Object.keys(keys).some((key) => key.toLowerCase() === "aws:resourceaccount");
  return { arn, account, ...(!isGiven && { context: { "aws:ResourceAccount": account } }) };
}

function statementsOf({ because }: Decision): readonly DecidingStatement[] {
  return because.flatMap((ground) => {
    if (ground.policyType === "grant") return [];
    const { policy: file, line, column, sid } = ground.statement;
    return [{ policyType: ground.policyType, file, line, column, sid }];
  });
}
