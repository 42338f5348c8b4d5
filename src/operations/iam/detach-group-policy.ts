import { askOfAttachment, detachPolicy } from "./attachments.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Detaches a managed policy from a group ("DetachGroupPolicy", IAM API Reference). */
export const detachGroupPolicy: QueryOperation<"iam", "DetachGroupPolicy"> = {
  asks: ({ GroupName: name, PolicyArn: arn }, call) =>
    askOfAttachment(call, "iam:DetachGroupPolicy", { entity: { kind: "group", name }, arn }),

  run: ({ GroupName: name, PolicyArn }, call) =>
    detachPolicy(call, { kind: "group", name }, PolicyArn),
};
