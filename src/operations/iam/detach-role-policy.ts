import { askOfAttachment, detachPolicy } from "./attachments.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Detaches a managed policy from a role ("DetachRolePolicy", IAM API Reference). */
export const detachRolePolicy: QueryOperation<"iam", "DetachRolePolicy"> = {
  asks: ({ RoleName: name, PolicyArn: arn }, call) =>
    askOfAttachment(call, "iam:DetachRolePolicy", { entity: { kind: "role", name }, arn }),

  run: ({ RoleName: name, PolicyArn }, call) =>
    detachPolicy(call, { kind: "role", name }, PolicyArn),
};
