import { denialMessage, evaluate } from "../iam/iam.ts";
import type { IamEntity } from "../store/store.ts";
import { authorize, globalKeys, type RequestFacts } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import type { PolicyCache } from "./policy-cache.ts";
import { roleCaller } from "./signing-keys.ts";

/** The service, about to act for one of its resources. */
export type ServiceRequest = {
  readonly roleArn: string;
  /** `qbusiness.amazonaws.com` or `application.qbusiness.amazonaws.com`. */
  readonly service: string;
  readonly accountId: string;
  /** The application's ARN, also for what hangs below it. */
  readonly sourceArn: string;
  readonly facts: RequestFacts;
};

/** A session of the role, or why the service may not have one. */
export type AssumedRole =
  | { readonly kind: "assumed"; readonly caller: Caller }
  | { readonly kind: "denied"; readonly message: string };

/**
 * Lets the service assume a customer's role, as its trust policy says ("The confused deputy
 * problem", IAM User Guide): `aws:SourceAccount` and `aws:SourceArn` are always sent. A role that
 * does not exist and one that does not admit the service look alike.
 */
export async function assumeAsService(
  policies: PolicyCache,
  request: ServiceRequest & { readonly sessionName: string },
): Promise<AssumedRole> {
  const { roleArn, service, sessionName } = request;
  const role = await policies.roleByArn(roleArn);
  const message = trustRefusal(policies, role, request);
  if (role === undefined || message !== undefined) {
    return { kind: "denied", message: message ?? missingMessage(service, roleArn) };
  }
  return { kind: "assumed", caller: roleCaller(role, sessionName) };
}

function missingMessage(service: string, roleArn: string): string {
  return `User: ${service} is not authorized to perform: sts:AssumeRole on resource: ${roleArn} because no role trust policy allows the sts:AssumeRole action`;
}

function trustRefusal(
  policies: PolicyCache,
  role: IamEntity | undefined,
  request: ServiceRequest,
): string | undefined {
  const { roleArn, service, accountId, sourceArn, facts } = request;
  if (role?.kind !== "role") return missingMessage(service, roleArn);
  const question = {
    principal: { type: "service", service },
    action: "sts:AssumeRole",
    resources: [{ arn: role.arn, account: role.accountId, policy: policies.trustPolicy(role) }],
    context: {
      ...globalKeys(facts),
      "aws:SourceAccount": accountId,
      "aws:SourceArn": sourceArn,
    },
  } as const;
  const decision = evaluate(question, {});
  return decision.decision === "allow" ? undefined : denialMessage(question, decision);
}

/** Whether a caller may hand a role to the service. */
export type PassRoleVerdict =
  | { readonly kind: "allowed" }
  | { readonly kind: "denied"; readonly message: string }
  | { readonly kind: "missing" }
  | { readonly kind: "untrusting" };

/**
 * Checks a role that a call hands to the service ("Granting a user permissions to pass a role to
 * an AWS service", IAM User Guide). The permission comes first: a caller without it learns nothing
 * about which roles exist.
 */
export async function checkPassRole(
  policies: PolicyCache,
  caller: Caller,
  request: ServiceRequest & { readonly associatedArn: string },
): Promise<PassRoleVerdict> {
  const { roleArn, facts, associatedArn } = request;
  const permission = await authorize(policies, caller, {
    action: "iam:PassRole",
    resources: [{ arn: roleArn, account: caller.accountId }],
    context: {
      "iam:PassedToService": "qbusiness.amazonaws.com",
      "iam:AssociatedResourceArn": associatedArn,
    },
    facts,
  });
  if (!permission.isAllowed) return { kind: "denied", message: permission.message };
  const role = await policies.roleByArn(roleArn);
  if (role?.kind !== "role" || role.accountId !== caller.accountId) return { kind: "missing" };
  const refusal = trustRefusal(policies, role, request);
  return refusal === undefined ? { kind: "allowed" } : { kind: "untrusting" };
}
