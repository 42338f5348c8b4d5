import type { iamShapes } from "../../contract/contract.ts";
import type { IamEntity } from "../../store/store.ts";

/** A group as every answer shows it. */
export function groupAnswer(group: IamEntity): iamShapes.Group {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: group.arn,
    CreateDate: group.createdAt,
  };
}
