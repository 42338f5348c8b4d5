import { askOfPolicy, requireManaged, requireVersion } from "./managed-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Reads one version with its text ("GetPolicyVersion", IAM API Reference). */
export const getPolicyVersion: QueryOperation<"iam", "GetPolicyVersion"> = {
  asks: (input, call) => askOfPolicy(call, "iam:GetPolicyVersion", input.PolicyArn),

  async run({ PolicyArn, VersionId }, call) {
    const policy = await requireManaged(call.db.read, call, PolicyArn);
    const { version, document, createdAt } = await requireVersion(call.db.read, policy, VersionId);
    const IsDefaultVersion = version === policy.defaultVersion;
    return {
      PolicyVersion: { VersionId, Document: document, IsDefaultVersion, CreateDate: createdAt },
    };
  },
};
