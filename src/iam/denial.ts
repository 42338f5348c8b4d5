import { principalName } from "./principal.ts";
import type { AuthorizationRequest, Decision, PolicyType } from "./request.ts";

const wordings: Readonly<Record<PolicyType, { readonly none: string; readonly deny: string }>> = {
  identity: { none: "no identity-based policy", deny: "an identity-based policy" },
  resource: { none: "no resource-based policy", deny: "a resource-based policy" },
  boundary: { none: "no permissions boundary", deny: "a permissions boundary" },
  session: { none: "no session policy", deny: "a session policy" },
  scp: { none: "no service control policy", deny: "a service control policy" },
  rcp: { none: "no resource control policy", deny: "a resource control policy" },
  endpoint: { none: "no VPC endpoint policy", deny: "a VPC endpoint policy" },
  trust: { none: "no role trust policy", deny: "the role trust policy" },
};

/**
 * The message of an AccessDenied error. Source: "Troubleshoot access denied error messages" in the
 * IAM user guide.
 *
 *     User: arn:aws:iam::111122223333:user/alice is not authorized to perform: qbusiness:ChatSync
 *     on resource: arn:… because no identity-based policy allows the qbusiness:ChatSync action
 */
export function denialMessage(
  { principal, action }: Pick<AuthorizationRequest, "principal" | "action">,
  { decision, policyType = "identity", resource }: Decision,
): string {
  const subject = `User: ${principalName(principal)} is not authorized to perform: ${action}`;
  const what = `${subject} on resource: ${resource}`;
  const { none, deny } = wordings[policyType];
  return decision === "explicitDeny"
    ? `${what} with an explicit deny in ${deny}`
    : `${what} because ${none} allows the ${action} action`;
}
