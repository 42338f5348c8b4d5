import { tags as tagStore } from "../../store/store.ts";
import { shownBoundary } from "./boundaries.ts";
import { askOf, requireEntity } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";
import { roleAnswer } from "./role.ts";
import { queryTags } from "./tags.ts";

/** Reads a role ("GetRole", IAM API Reference). */
export const getRole: QueryOperation<"iam", "GetRole"> = {
  asks: (input, call) => askOf(call, "iam:GetRole", { kind: "role", name: input.RoleName }),

  async run(input, call) {
    const role = await requireEntity(call.db.read, call, { kind: "role", name: input.RoleName });
    const tags = await tagStore.list(call.db.read, role.arn);
    const Tags = tags.length === 0 ? undefined : queryTags(tags);
    const PermissionsBoundary = await shownBoundary(call.db.read, role.id);
    return { Role: { ...(await roleAnswer(call.db.read, role)), PermissionsBoundary, Tags } };
  },
};
