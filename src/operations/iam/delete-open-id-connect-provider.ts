import { iamProviders } from "../../store/store.ts";
import { askOfProvider, findProvider } from "./oidc-provider.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { removeAllTags } from "./tags.ts";

/**
 * Deletes a provider; one that is not there is gone already ("DeleteOpenIDConnectProvider"). Its
 * tokens count no more, also where an application goes on naming it, until it is made again.
 */
export const deleteOpenIdConnectProvider: QueryOperation<"iam", "DeleteOpenIDConnectProvider"> = {
  asks: ({ OpenIDConnectProviderArn: arn }, call) =>
    askOfProvider(call, "iam:DeleteOpenIDConnectProvider", arn),

  run: ({ OpenIDConnectProviderArn }, call) =>
    change(call, async (trx) => {
      const provider = await findProvider(trx, call, OpenIDConnectProviderArn);
      if (provider === undefined) return {};
      await removeAllTags(trx, provider.arn);
      await iamProviders.remove(trx, provider);
      return {};
    }),
};
