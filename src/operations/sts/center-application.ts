import { createHash } from "node:crypto";
import { resources } from "../../store/store.ts";
import type { Application, ApplicationRecord } from "../application.ts";
import type { QueryCall } from "../iam/query-operation.ts";

const applicationsPerRead = 100;

/**
 * The ARN under which the directory of an application of identityType AWS_IAM_IDC knows it
 * (`identityCenterApplicationArn`); undefined for all others. It follows from the application's id.
 */
export function centerApplicationArn({
  id,
  accountId,
  record,
}: Pick<Application, "id" | "accountId" | "record">): string | undefined {
  const { identityType, identityCenterInstanceArn = "" } = record;
  const instance = identityCenterInstanceArn.split("/").at(-1) ?? "";
  if (identityType !== "AWS_IAM_IDC" || instance === "") return undefined;
  const digest = createHash("sha256").update(id).digest("hex");
  return `arn:aws:sso::${accountId}:application/${instance}/apl-${digest.slice(0, 16)}`;
}

/** The active application with that ARN in the caller's account. */
export async function findCenterApplication(
  { db, caller: { accountId } }: Pick<QueryCall, "db" | "caller">,
  arn: string,
): Promise<Application | undefined> {
  for (let after = 0; ;) {
    const query = { accountId, kind: "application", after, limit: applicationsPerRead } as const;
    const page = await resources.list<ApplicationRecord>(db.read, query);
    const found = page.find((one) => centerApplicationArn(one) === arn && one.status === "ACTIVE");
    const last = page.at(-1);
    if (found !== undefined || last === undefined || page.length < applicationsPerRead)
      return found;
    after = last.sequence;
  }
}
