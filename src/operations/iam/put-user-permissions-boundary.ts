import { putBoundary } from "./boundaries.ts";
import { askOf } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Bounds what a user may be allowed ("PutUserPermissionsBoundary", IAM API Reference). */
export const putUserPermissionsBoundary: QueryOperation<"iam", "PutUserPermissionsBoundary"> = {
  asks: ({ UserName: name, PermissionsBoundary: arn }, call) =>
    askOf(
      call,
      "iam:PutUserPermissionsBoundary",
      { kind: "user", name },
      { "iam:PermissionsBoundary": arn },
    ),

  run: ({ UserName: name, PermissionsBoundary }, call) =>
    putBoundary(call, { kind: "user", name }, PermissionsBoundary),
};
