import { awsPolicies } from "../../identity/identity.ts";
import { iamPolicies } from "../../store/store.ts";
import { askOfAll } from "./entities.ts";
import { policyAnswer, requireManaged, type UseCounts, useCounts } from "./managed-policies.ts";
import { readPageOf } from "./paging.ts";
import type { QueryCall, QueryOperation } from "./query-operation.ts";
import type { iamShapes } from "../../contract/contract.ts";

/** Lists managed policies by name, AWS's before the own ("ListPolicies", IAM API Reference). */
export const listPolicies: QueryOperation<"iam", "ListPolicies"> = {
  asks: () => askOfAll("iam:ListPolicies"),

  async run(input, call) {
    const counts = await useCounts(call.db.read);
    const all = (await policiesOf(input.Scope ?? "All", call, counts)).filter((policy) => {
      const { Arn: arn = "", Path: path = "/" } = policy;
      if (!path.startsWith(input.PathPrefix ?? "/")) return false;
      if (input.OnlyAttached === true && counts(arn, "permissions") === 0) return false;
      if (input.PolicyUsageFilter === "PermissionsPolicy") return counts(arn, "permissions") > 0;
      return input.PolicyUsageFilter !== "PermissionsBoundary" || counts(arn, "boundary") > 0;
    });
    const { Marker: _marker, MaxItems: _max, ...filters } = input;
    const listing = ["ListPolicies", JSON.stringify(Object.entries(filters).toSorted())];
    const { items, paging } = await readPageOf(call, { listing, input }, all, positionOf);
    return { Policies: items, ...paging };
  },
};

async function policiesOf(
  scope: "All" | "AWS" | "Local",
  call: QueryCall,
  counts: UseCounts,
): Promise<readonly iamShapes.Policy[]> {
  const aws = await Promise.all(
    awsPolicies.map(async ({ arn }) => requireManaged(call.db.read, call, arn)),
  );
  const own = await iamPolicies.list(call.db.read, call.caller.accountId);
  const policies = scope === "AWS" ? aws : scope === "Local" ? own : [...aws, ...own];
  return policies.map((policy) => policyAnswer(policy, counts));
}

/** Names are unique among AWS's policies and among the own, not among both. */
function positionOf({ Arn = "", PolicyName = "" }: iamShapes.Policy): string {
  return `${Arn.startsWith("arn:aws:iam::aws:") ? 1 : 2}${PolicyName}`;
}
