import { iamStore } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { requireKey } from "./access-key.ts";
import { askOf, userNameOf } from "./entities.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/** Switches an access key on or off ("UpdateAccessKey", IAM API Reference). */
export const updateAccessKey: QueryOperation<"iam", "UpdateAccessKey"> = {
  asks: async (input, call) => askOf(call, "iam:UpdateAccessKey", userNameOf(call, input.UserName)),

  run(input, call) {
    const { Status: status } = input;
    if (status === "Expired")
      throw queryError("InvalidInput", "Status Expired is set by the service.");
    return change(call, async (trx) => {
      const key = await requireKey(trx, call, input);
      await iamStore.setKeyStatus(trx, key.id, status);
      return {};
    });
  },
};
