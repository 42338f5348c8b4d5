import { putBoundary } from "./boundaries.ts";
import { askOf } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Bounds what a role may be allowed ("PutRolePermissionsBoundary", IAM API Reference). */
export const putRolePermissionsBoundary: QueryOperation<"iam", "PutRolePermissionsBoundary"> = {
  asks: ({ RoleName: name, PermissionsBoundary: arn }, call) =>
    askOf(
      call,
      "iam:PutRolePermissionsBoundary",
      { kind: "role", name },
      { "iam:PermissionsBoundary": arn },
    ),

  run: ({ RoleName: name, PermissionsBoundary }, call) =>
    putBoundary(call, { kind: "role", name }, PermissionsBoundary),
};
