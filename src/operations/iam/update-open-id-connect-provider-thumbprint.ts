import { askOfProvider, changeProvider } from "./oidc-provider.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Replaces all thumbprints of a provider ("UpdateOpenIDConnectProviderThumbprint"). */
export const updateOpenIdConnectProviderThumbprint: QueryOperation<
  "iam",
  "UpdateOpenIDConnectProviderThumbprint"
> = {
  asks: ({ OpenIDConnectProviderArn: arn }, call) =>
    askOfProvider(call, "iam:UpdateOpenIDConnectProviderThumbprint", arn),

  async run({ OpenIDConnectProviderArn: arn, ThumbprintList: thumbprints }, call) {
    await changeProvider(call, arn, ({ clientIds }) => ({ clientIds, thumbprints }));
    return {};
  },
};
