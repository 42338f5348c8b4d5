import { askOfAttachment, detachPolicy } from "./attachments.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Detaches a managed policy from a user ("DetachUserPolicy", IAM API Reference). */
export const detachUserPolicy: QueryOperation<"iam", "DetachUserPolicy"> = {
  asks: ({ UserName: name, PolicyArn: arn }, call) =>
    askOfAttachment(call, "iam:DetachUserPolicy", { entity: { kind: "user", name }, arn }),

  run: ({ UserName: name, PolicyArn }, call) =>
    detachPolicy(call, { kind: "user", name }, PolicyArn),
};
