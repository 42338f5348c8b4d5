import { deleteBoundary } from "./boundaries.ts";
import { askOf } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Takes a user's boundary away ("DeleteUserPermissionsBoundary", IAM API Reference). */
export const deleteUserPermissionsBoundary: QueryOperation<"iam", "DeleteUserPermissionsBoundary"> =
  {
    asks: ({ UserName: name }, call) =>
      askOf(call, "iam:DeleteUserPermissionsBoundary", { kind: "user", name }),

    run: ({ UserName: name }, call) => deleteBoundary(call, { kind: "user", name }),
  };
