import { deleteBoundary } from "./boundaries.ts";
import { askOf } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Takes a role's boundary away ("DeleteRolePermissionsBoundary", IAM API Reference). */
export const deleteRolePermissionsBoundary: QueryOperation<"iam", "DeleteRolePermissionsBoundary"> =
  {
    asks: ({ RoleName: name }, call) =>
      askOf(call, "iam:DeleteRolePermissionsBoundary", { kind: "role", name }),

    run: ({ RoleName: name }, call) => deleteBoundary(call, { kind: "role", name }),
  };
