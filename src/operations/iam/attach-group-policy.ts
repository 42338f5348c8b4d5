import { askOfAttachment, attachPolicy } from "./attachments.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Attaches a managed policy to a group ("AttachGroupPolicy", IAM API Reference). */
export const attachGroupPolicy: QueryOperation<"iam", "AttachGroupPolicy"> = {
  asks: ({ GroupName: name, PolicyArn: arn }, call) =>
    askOfAttachment(call, "iam:AttachGroupPolicy", { entity: { kind: "group", name }, arn }),

  run: ({ GroupName: name, PolicyArn }, call) =>
    attachPolicy(call, { kind: "group", name }, PolicyArn),
};
