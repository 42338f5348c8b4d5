import { askOfAttachment, attachPolicy } from "./attachments.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Attaches a managed policy to a role ("AttachRolePolicy", IAM API Reference). */
export const attachRolePolicy: QueryOperation<"iam", "AttachRolePolicy"> = {
  asks: ({ RoleName: name, PolicyArn: arn }, call) =>
    askOfAttachment(call, "iam:AttachRolePolicy", { entity: { kind: "role", name }, arn }),

  run: ({ RoleName: name, PolicyArn }, call) =>
    attachPolicy(call, { kind: "role", name }, PolicyArn),
};
