import { askOfAttachment, attachPolicy } from "./attachments.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Attaches a managed policy to a user ("AttachUserPolicy", IAM API Reference). */
export const attachUserPolicy: QueryOperation<"iam", "AttachUserPolicy"> = {
  asks: ({ UserName: name, PolicyArn: arn }, call) =>
    askOfAttachment(call, "iam:AttachUserPolicy", { entity: { kind: "user", name }, arn }),

  run: ({ UserName: name, PolicyArn }, call) =>
    attachPolicy(call, { kind: "user", name }, PolicyArn),
};
