import { type Readable, resources } from "../../store/store.ts";
import type { ApplicationRecord } from "../application.ts";
import { entityArn } from "./entities.ts";

/** The one service that makes a role for itself here. */
export const linkedService = "qbusiness.amazonaws.com";

const applicationsMax = 1000;

/** The service-linked role ("Using service-linked roles", Amazon Q Business User Guide). */
export const linkedRole = {
  kind: "role",
  name: "AWSServiceRoleForQBusiness",
  path: `/aws-service-role/${linkedService}/`,
  policyArn: "arn:aws:iam::aws:policy/aws-service-role/QBusinessServiceRolePolicy",
} as const;

/** Its ARN in an account. */
export function linkedRoleArn(accountId: string): string {
  return entityArn(accountId, linkedRole);
}

/** Its trust policy: the service, and nobody else. */
export const linkedRoleTrust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: linkedService }, Action: "sts:AssumeRole" }],
});

/** ARNs of the applications that work with it: those that were given no role of their own. */
export async function linkedRoleUsers(db: Readable, accountId: string): Promise<readonly string[]> {
  const query = { accountId, kind: "application", limit: applicationsMax } as const;
  const applications = await resources.list<ApplicationRecord>(db, query);
  const arn = linkedRoleArn(accountId);
  const users = applications.filter(({ record }) => (record.roleArn ?? arn) === arn);
  return users.map((application) => application.arn);
}
