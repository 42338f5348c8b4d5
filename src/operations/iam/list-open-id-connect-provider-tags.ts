import { tags as tagStore } from "../../store/store.ts";
import { askOfProvider, requireProvider } from "./oidc-provider.ts";
import { readPageOf } from "./paging.ts";
import type { QueryOperation } from "./query-operation.ts";
import { queryTags, tagPosition } from "./tags.ts";

/** Lists the tags of a provider by key ("ListOpenIDConnectProviderTags"). */
export const listOpenIdConnectProviderTags: QueryOperation<"iam", "ListOpenIDConnectProviderTags"> =
  {
    asks: ({ OpenIDConnectProviderArn: arn }, call) =>
      askOfProvider(call, "iam:ListOpenIDConnectProviderTags", arn),

    async run(input, call) {
      const { arn } = await requireProvider(call.db.read, call, input.OpenIDConnectProviderArn);
      const all = await tagStore.list(call.db.read, arn);
      const listing = ["ListOpenIDConnectProviderTags", arn];
      const { items, paging } = await readPageOf(call, { listing, input }, all, tagPosition);
      return { Tags: queryTags(items), ...paging };
    },
  };
