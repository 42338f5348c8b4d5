import { apiError } from "../wire/wire.ts";
import type { Call } from "./call.ts";
import { invalid } from "./not-found.ts";

/** Services that take a role of the customer's account in this API. */
export type RoleTaker = "qbusiness.amazonaws.com" | "application.qbusiness.amazonaws.com";

/**
 * Checks a role that a call hands to the service ("Granting a user permissions to pass a role to
 * an AWS service", IAM User Guide): the caller may pass it, it exists in the caller's account, and
 * its trust policy admits the service for this application.
 *
 * @throws AccessDeniedException where the caller may not pass it, ValidationException where it
 * does not exist or does not trust the service.
 */
export async function checkPassedRole(
  call: Call,
  role: {
    readonly roleArn: string | undefined;
    readonly service: RoleTaker;
    readonly applicationArn: string;
    /** The resource that gets the role. */
    readonly forArn: string;
  },
): Promise<void> {
  if (role.roleArn === undefined) return;
  const verdict = await call.identity.checkPassRole(call.caller, {
    roleArn: role.roleArn,
    service: role.service,
    associatedArn: role.forArn,
    sourceArn: role.applicationArn,
    facts: call.facts,
  });
  if (verdict.kind === "denied") {
    throw apiError("AccessDeniedException", { message: verdict.message });
  }
  if (verdict.kind === "missing") {
    throw invalid(
      "roleArn",
      `Member must name a role of this account; ${role.roleArn} does not exist`,
    );
  }
  if (verdict.kind === "untrusting") {
    throw invalid(
      "roleArn",
      `Member must name a role whose trust policy lets ${role.service} assume it for ${role.applicationArn}`,
    );
  }
}
