import { iamProviders } from "../../store/store.ts";
import { askOfAll } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists all providers of the account, in one answer ("ListOpenIDConnectProviders"). */
export const listOpenIdConnectProviders: QueryOperation<"iam", "ListOpenIDConnectProviders"> = {
  asks: () => askOfAll("iam:ListOpenIDConnectProviders"),

  async run(_input, { db, caller: { accountId } }) {
    const found = await iamProviders.list(db.read, accountId);
    return { OpenIDConnectProviderList: found.map(({ arn }) => ({ Arn: arn })) };
  },
};
