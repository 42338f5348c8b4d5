import type { iamShapes } from "../../contract/contract.ts";
import type { IamEntity, Readable } from "../../store/store.ts";
import { shownTrustPolicy } from "./trust-policy.ts";

/** Length of a session where the role does not say, in seconds. */
export const maxSessionSecondsDefault = 3600;

/** A role as every answer shows it; lists and single answers add what they have besides. */
export async function roleAnswer(db: Readable, role: IamEntity): Promise<iamShapes.Role> {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.createdAt,
    AssumeRolePolicyDocument: await shownTrustPolicy(db, role),
    Description: role.record.description,
    MaxSessionDuration: role.record.maxSessionDurationSeconds ?? maxSessionSecondsDefault,
  };
}
