import { askOfProvider, changeProvider } from "./oidc-provider.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lets a client's tokens count no more ("RemoveClientIDFromOpenIDConnectProvider"). */
export const removeClientIdFromOpenIdConnectProvider: QueryOperation<
  "iam",
  "RemoveClientIDFromOpenIDConnectProvider"
> = {
  asks: ({ OpenIDConnectProviderArn: arn }, call) =>
    askOfProvider(call, "iam:RemoveClientIDFromOpenIDConnectProvider", arn),

  async run({ OpenIDConnectProviderArn: arn, ClientID }, call) {
    await changeProvider(call, arn, ({ clientIds, ...rest }) => ({
      ...rest,
      clientIds: clientIds.filter((id) => id !== ClientID),
    }));
    return {};
  },
};
