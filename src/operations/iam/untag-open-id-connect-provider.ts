import { tags as tagStore } from "../../store/store.ts";
import { askOfProvider, requireProvider } from "./oidc-provider.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { removeTags } from "./tags.ts";

/** Takes tags off a provider; keys are told apart without case ("UntagOpenIDConnectProvider"). */
export const untagOpenIdConnectProvider: QueryOperation<"iam", "UntagOpenIDConnectProvider"> = {
  async asks({ OpenIDConnectProviderArn: arn, TagKeys }, call) {
    const asked = await askOfProvider(call, "iam:UntagOpenIDConnectProvider", arn);
    return asked.map((question) => ({ ...question, tagKeys: TagKeys }));
  },

  run: ({ OpenIDConnectProviderArn, TagKeys }, call) =>
    change(call, async (trx) => {
      const { arn } = await requireProvider(trx, call, OpenIDConnectProviderArn);
      const keys = new Set(TagKeys.map((key) => key.toLowerCase()));
      const known = await tagStore.list(trx, arn);
      await removeTags(
        trx,
        arn,
        known.filter(({ key }) => keys.has(key.toLowerCase())),
      );
      return {};
    }),
};
