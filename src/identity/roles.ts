import { denialMessage, evaluateServiceAssumeRole } from "../iam/iam.ts";
import type { IamEntity } from "../store/store.ts";
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
};

/** A session of the role, or why the service may not have one. */
export type AssumedRole =
  | { readonly kind: "assumed"; readonly caller: Caller }
  | { readonly kind: "missing" | "denied"; readonly message: string };

/**
 * Lets the service assume a customer's role, as its trust policy says ("The confused deputy
 * problem", IAM User Guide). A role of another account counts as missing.
 */
export async function assumeAsService(
  policies: PolicyCache,
  request: ServiceRequest & { readonly sessionName: string },
): Promise<AssumedRole> {
  const { roleArn, service, accountId, sourceArn, sessionName } = request;
  const role: IamEntity | undefined = await policies.roleByArn(roleArn);
  const action = "sts:AssumeRole";
  const principal = { type: "service", service } as const;
  if (role?.kind !== "role" || role.accountId !== accountId) {
    const decision = {
      decision: "implicitDeny",
      because: [],
      policyType: "trust",
      resource: roleArn,
    } as const;
    return { kind: "missing", message: denialMessage({ principal, action }, decision) };
  }
  const decision = evaluateServiceAssumeRole(
    { service, roleArn: role.arn, sourceAccount: accountId, sourceArn },
    policies.trustPolicy(role),
  );
  return decision.decision === "allow"
    ? { kind: "assumed", caller: roleCaller(role, sessionName) }
    : { kind: "denied", message: denialMessage({ principal, action }, decision) };
}
