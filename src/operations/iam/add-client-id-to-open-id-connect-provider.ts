import { askOfProvider, changeProvider } from "./oidc-provider.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lets one more client's tokens count ("AddClientIDToOpenIDConnectProvider"). */
export const addClientIdToOpenIdConnectProvider: QueryOperation<
  "iam",
  "AddClientIDToOpenIDConnectProvider"
> = {
  asks: ({ OpenIDConnectProviderArn: arn }, call) =>
    askOfProvider(call, "iam:AddClientIDToOpenIDConnectProvider", arn),

  async run({ OpenIDConnectProviderArn: arn, ClientID }, call) {
    await changeProvider(call, arn, ({ clientIds, ...rest }) => ({
      ...rest,
      clientIds: [...clientIds, ClientID],
    }));
    return {};
  },
};
