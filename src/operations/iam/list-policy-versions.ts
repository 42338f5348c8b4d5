import { askOfPolicy, requireManaged, versionName, versionsOf } from "./managed-policies.ts";
import { readPageOf } from "./paging.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists a policy's versions, newest first, without texts ("ListPolicyVersions", IAM). */
export const listPolicyVersions: QueryOperation<"iam", "ListPolicyVersions"> = {
  asks: (input, call) => askOfPolicy(call, "iam:ListPolicyVersions", input.PolicyArn),

  async run(input, call) {
    const policy = await requireManaged(call.db.read, call, input.PolicyArn);
    const versions = await versionsOf(call.db.read, policy);
    const listing = ["ListPolicyVersions", policy.id];
    // A page goes on below the number that was shown last.
    const { items, paging } = await readPageOf(call, { listing, input }, versions, ({ version }) =>
      String(10 ** 9 - version),
    );
    const Versions = items.map(({ version, createdAt }) => ({
      VersionId: versionName(version),
      IsDefaultVersion: version === policy.defaultVersion,
      CreateDate: createdAt,
    }));
    return { Versions, ...paging };
  },
};
