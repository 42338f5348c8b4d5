import type { Call } from "./call.ts";
import { invalid } from "./not-found.ts";

/** Services that take a role of the customer's account in this API. */
export type RoleTaker = "qbusiness.amazonaws.com" | "application.qbusiness.amazonaws.com";

/**
 * Checks a role that a call hands to the service: it exists in the caller's account, and its trust
 * policy admits the service for this application. That the caller may pass it (`iam:PassRole`) has
 * been decided before the operation runs, so a stranger learns nothing about which roles exist.
 *
 * @throws ValidationException naming `roleArn`.
 */
export async function checkPassedRole(
  call: Call,
  role: {
    readonly roleArn: string | undefined;
    readonly service: RoleTaker;
    readonly applicationArn: string;
  },
): Promise<void> {
  const { roleArn, service, applicationArn: sourceArn } = role;
  if (roleArn === undefined) return;
  const sessionName = "QBusinessRoleCheck";
  const assumed = await call.identity.assumeAsService({ roleArn, service, sourceArn, sessionName });
  if (assumed.kind === "missing") {
    throw invalid("roleArn", `Member must name a role of this account; ${roleArn} does not exist`);
  }
  if (assumed.kind === "denied") {
    throw invalid(
      "roleArn",
      `Member must name a role whose trust policy lets ${service} assume it for ${sourceArn}`,
    );
  }
}
