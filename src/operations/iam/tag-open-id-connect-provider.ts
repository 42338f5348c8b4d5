import { askOfProvider, requireProvider } from "./oidc-provider.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { checkTags, putTags, tagsOf } from "./tags.ts";

/** Adds tags to a provider or changes their values ("TagOpenIDConnectProvider"). */
export const tagOpenIdConnectProvider: QueryOperation<"iam", "TagOpenIDConnectProvider"> = {
  async asks({ OpenIDConnectProviderArn: arn, Tags }, call) {
    const asked = await askOfProvider(call, "iam:TagOpenIDConnectProvider", arn);
    return asked.map((question) => ({ ...question, tags: tagsOf(Tags) }));
  },

  run({ OpenIDConnectProviderArn, Tags }, call) {
    checkTags(Tags);
    return change(call, async (trx) => {
      const { arn } = await requireProvider(trx, call, OpenIDConnectProviderArn);
      await putTags(trx, call, { arn, tags: Tags });
      return {};
    });
  },
};
