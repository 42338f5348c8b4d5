import { iamPolicies } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import {
  askOfPolicy,
  checkManagedDocument,
  requireOwnPolicy,
  versionName,
} from "./managed-policies.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/** Adds a version, which decides if so asked ("CreatePolicyVersion", IAM API Reference). */
export const createPolicyVersion: QueryOperation<"iam", "CreatePolicyVersion"> = {
  asks: (input, call) => askOfPolicy(call, "iam:CreatePolicyVersion", input.PolicyArn),

  async run({ PolicyArn, PolicyDocument: document, SetAsDefault = false }, call) {
    checkManagedDocument(call, document);
    return change(call, async (trx) => {
      const policy = await requireOwnPolicy(trx, call, PolicyArn);
      const { length: count } = await iamPolicies.listVersions(trx, policy.id);
      const max = call.quotas.iam.versionsPerPolicy;
      if (count >= max) {
        throw queryError(
          "LimitExceeded",
          `A managed policy can have up to ${max} versions. Before you create a new version, you must delete an existing version.`,
        );
      }
      const version = policy.latestVersion + 1;
      await iamPolicies.insertVersion(trx, policy.id, { version, document, createdAt: call.now });
      await iamPolicies.setVersions(trx, policy.id, {
        defaultVersion: SetAsDefault ? version : policy.defaultVersion,
        latestVersion: version,
        at: call.now,
      });
      const VersionId = versionName(version);
      return { PolicyVersion: { VersionId, IsDefaultVersion: SetAsDefault, CreateDate: call.now } };
    });
  },
};
