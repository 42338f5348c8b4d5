// Roles changing hands: a caller passes one to the service, and the service takes it up.

import { splitArn } from "./arn.ts";
import type { CompiledPolicy } from "./compile.ts";
import type { ContextInput } from "./context.ts";
import { evaluate } from "./evaluate.ts";
import { type Principal, principalAccount } from "./principal.ts";
import type { Decision, PolicySet } from "./request.ts";

export interface PassRoleCall {
  readonly principal: Principal;
  readonly roleArn: string;
  /** Who gets the role: `qbusiness.amazonaws.com`. */
  readonly service: string;
  /** The resource that will use it. */
  readonly associatedResourceArn?: string;
  /** Keys of the call itself, such as `aws:SourceIp`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * May the caller hand this role to the service? A role of another account never passes. Source:
 * "Granting a user permissions to pass a role to an AWS service" in the IAM user guide.
 */
export function evaluatePassRole(call: PassRoleCall, policies: PolicySet): Decision {
  const { principal, roleArn, service, associatedResourceArn } = call;
  const account = splitArn(roleArn)?.[4] ?? "";
  if (account !== principalAccount(principal)) {
    return { decision: "implicitDeny", because: [], policyType: "identity", resource: roleArn };
  }
  const context: ContextInput = {
    ...call.context,
    "iam:PassedToService": service,
    "iam:AssociatedResourceArn": associatedResourceArn,
  };
  const resources = [{ arn: roleArn, account }];
  // Roles have a trust policy, which says nothing about being passed.
  const { resource: _trust, grants: _grants, ...applying } = policies;
  return evaluate({ principal, action: "iam:PassRole", resources, context }, applying);
}

export interface ServiceAssumeRole {
  /** `qbusiness.amazonaws.com` or `application.qbusiness.amazonaws.com`. */
  readonly service: string;
  readonly roleArn: string;
  /** Whose resource the service works for, and which: never left out (confused deputy). */
  readonly sourceAccount: string;
  readonly sourceArn: string;
  /** `sts:AssumeRole`, or what it is asked for besides: `sts:SetContext`, `sts:TagSession`. */
  readonly action?: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** Does the role's trust policy admit the service for this resource? */
export function evaluateServiceAssumeRole(
  call: ServiceAssumeRole,
  trust: CompiledPolicy,
  rcp?: PolicySet["rcp"],
): Decision {
  const { service, roleArn, sourceAccount, sourceArn, action = "sts:AssumeRole" } = call;
  const context: ContextInput = {
    ...call.context,
    "aws:SourceAccount": sourceAccount,
    "aws:SourceArn": sourceArn,
  };
  const resources = [{ arn: roleArn, account: splitArn(roleArn)?.[4] ?? "" }];
  const principal: Principal = { type: "service", service };
  const policies = rcp === undefined ? { resource: trust } : { resource: trust, rcp };
  return evaluate({ principal, action, resources, context }, policies);
}
