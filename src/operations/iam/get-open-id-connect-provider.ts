import { tags as tagStore } from "../../store/store.ts";
import { askOfProvider, requireProvider } from "./oidc-provider.ts";
import type { QueryOperation } from "./query-operation.ts";
import { queryTags } from "./tags.ts";

/** Reads a provider; its address comes without `https://` ("GetOpenIDConnectProvider"). */
export const getOpenIdConnectProvider: QueryOperation<"iam", "GetOpenIDConnectProvider"> = {
  asks: ({ OpenIDConnectProviderArn: arn }, call) =>
    askOfProvider(call, "iam:GetOpenIDConnectProvider", arn),

  async run({ OpenIDConnectProviderArn }, call) {
    const provider = await requireProvider(call.db.read, call, OpenIDConnectProviderArn);
    const { clientIds, thumbprints } = provider;
    return {
      Url: provider.name,
      ClientIDList: clientIds,
      ThumbprintList: thumbprints,
      CreateDate: provider.createdAt,
      Tags: queryTags(await tagStore.list(call.db.read, provider.arn)),
    };
  },
};
