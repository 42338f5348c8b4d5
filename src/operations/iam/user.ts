import type { iamShapes } from "../../contract/contract.ts";
import type { IamEntity } from "../../store/store.ts";

/** A user as every answer shows it; single answers add the tags. */
export function userAnswer(user: IamEntity): iamShapes.User {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: user.createdAt,
  };
}
