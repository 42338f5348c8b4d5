import { iamProviders } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { checkQuota } from "./limits.ts";
import { checkedFacts, providerArn, providerNameIn } from "./oidc-provider.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { checkTags, makingWithTags, putTags } from "./tags.ts";

/**
 * Registers an OpenID Connect issuer and the clients whose tokens count
 * ("CreateOpenIDConnectProvider", IAM API Reference). The issuer is first asked when a token of it
 * comes. Thumbprints are kept and not compared: who holds the address is told by its certificate.
 */
export const createOpenIdConnectProvider: QueryOperation<"iam", "CreateOpenIDConnectProvider"> = {
  async asks({ Url, Tags }, { caller: { accountId: account } }) {
    const arn = providerArn(account, providerNameIn(Url));
    const making = {
      action: "iam:CreateOpenIDConnectProvider",
      resources: [{ arn, account }],
    };
    return makingWithTags(making, { action: "iam:TagOpenIDConnectProvider", tags: Tags });
  },

  run({ Url, ClientIDList = [], ThumbprintList = [], Tags }, call) {
    const name = providerNameIn(Url);
    checkTags(Tags);
    const facts = checkedFacts({ clientIds: ClientIDList, thumbprints: ThumbprintList });
    return change(call, async (trx) => {
      const { accountId } = call.caller;
      if ((await iamProviders.find(trx, { accountId, name })) !== undefined) {
        throw queryError("EntityAlreadyExists", `Provider with url ${Url} already exists.`);
      }
      const { length: count } = await iamProviders.list(trx, accountId);
      checkQuota("OpenIdConnectProvidersPerAccount", count, providersMax);
      const arn = providerArn(accountId, name);
      await iamProviders.insert(trx, { accountId, name, arn, ...facts, createdAt: call.now });
      await putTags(trx, call, { arn, tags: Tags });
      return { OpenIDConnectProviderArn: arn, Tags };
    });
  },
};

/** "IAM and AWS STS quotas", IAM User Guide. */
const providersMax = 100;
