import { newKeyId } from "../../identity/identity.ts";
import { iamPolicies } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { checkQuota } from "./limits.ts";
import { askOfPolicy, checkManagedDocument, policyAnswer } from "./managed-policies.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { checkTags, makingWithTags, putTags } from "./tags.ts";

/** Makes a managed policy whose first version decides ("CreatePolicy", IAM API Reference). */
export const createPolicy: QueryOperation<"iam", "CreatePolicy"> = {
  async asks({ PolicyName, Path = "/", Tags }, call) {
    const arn = `arn:aws:iam::${call.caller.accountId}:policy${Path}${PolicyName}`;
    const asked = await askOfPolicy(call, "iam:CreatePolicy", arn);
    return asked.flatMap((making) =>
      makingWithTags(making, { action: "iam:TagPolicy", tags: Tags }),
    );
  },

  async run({ PolicyName: name, Path: path = "/", PolicyDocument, Description, Tags }, call) {
    const { accountId } = call.caller;
    checkTags(Tags);
    checkManagedDocument(call, PolicyDocument);
    return change(call, async (trx) => {
      const known = await iamPolicies.list(trx, accountId);
      if (known.some((policy) => policy.name.toLowerCase() === name.toLowerCase())) {
        const message = `A policy called ${name} already exists. Duplicate names are not allowed.`;
        throw queryError("EntityAlreadyExists", message);
      }
      checkQuota("PoliciesPerAccount", known.length, call.quotas.iam.policiesPerAccount);
      const policy = {
        id: newKeyId("ANPA"),
        accountId,
        name,
        path,
        arn: `arn:aws:iam::${accountId}:policy${path}${name}`,
        description: Description,
        defaultVersion: 1,
        latestVersion: 1,
        createdAt: call.now,
        updatedAt: call.now,
      };
      await iamPolicies.insert(trx, policy, PolicyDocument);
      await putTags(trx, call, { arn: policy.arn, tags: Tags });
      return { Policy: { ...policyAnswer(policy, () => 0), Tags } };
    });
  },
};
