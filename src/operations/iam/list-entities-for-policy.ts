import { iamPolicies } from "../../store/store.ts";
import { askOfPolicy, requireManaged } from "./managed-policies.ts";
import { readPageOf } from "./paging.ts";
import type { QueryOperation } from "./query-operation.ts";

const entityFilters = { User: "user", Role: "role", Group: "group" } as const;
const usageFilters = { PermissionsPolicy: "permissions", PermissionsBoundary: "boundary" } as const;

/** Lists who uses a managed policy ("ListEntitiesForPolicy", IAM API Reference). */
export const listEntitiesForPolicy: QueryOperation<"iam", "ListEntitiesForPolicy"> = {
  asks: (input, call) => askOfPolicy(call, "iam:ListEntitiesForPolicy", input.PolicyArn),

  async run(input, call) {
    const { PolicyArn, EntityFilter, PathPrefix = "/", PolicyUsageFilter } = input;
    await requireManaged(call.db.read, call, PolicyArn);
    const use = PolicyUsageFilter && usageFilters[PolicyUsageFilter];
    const kinds: Readonly<Record<string, string>> = entityFilters;
    const uses = (await iamPolicies.listUses(call.db.read, PolicyArn)).filter(
      (entity) =>
        (EntityFilter === undefined || kinds[EntityFilter] === entity.kind) &&
        (use === undefined || use === entity.use) &&
        entity.path.startsWith(PathPrefix),
    );
    // One that uses the policy in both ways is shown once.
    const entities = [...new Map(uses.map((entity) => [entity.id, entity])).values()];
    const listing = [PolicyArn, String(EntityFilter), PathPrefix, String(use)];
    const { items, paging } = await readPageOf(call, { listing, input }, entities, ({ id }) => id);
    const of = (kind: string): typeof items => items.filter((entity) => entity.kind === kind);
    return {
      PolicyGroups: of("group").map(({ id, name }) => ({ GroupName: name, GroupId: id })),
      PolicyUsers: of("user").map(({ id, name }) => ({ UserName: name, UserId: id })),
      PolicyRoles: of("role").map(({ id, name }) => ({ RoleName: name, RoleId: id })),
      ...paging,
    };
  },
};
