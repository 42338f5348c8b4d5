import { iamStore } from "../../store/store.ts";
import { requireKey } from "./access-key.ts";
import { askOf, userNameOf } from "./entities.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/** Deletes an access key: it signs nothing any more ("DeleteAccessKey", IAM API Reference). */
export const deleteAccessKey: QueryOperation<"iam", "DeleteAccessKey"> = {
  asks: async (input, call) => askOf(call, "iam:DeleteAccessKey", userNameOf(call, input.UserName)),

  run: (input, call) =>
    change(call, async (trx) => {
      const key = await requireKey(trx, call, input);
      await iamStore.removeKey(trx, key.id);
      return {};
    }),
};
