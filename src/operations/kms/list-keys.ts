import { kmsStore } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { askOfAll } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import { readKmsPage } from "./paging.ts";
import * as shapes from "./shapes.ts";

/** Lists the keys of the account ("ListKeys", AWS KMS API Reference). */
export const listKeys = kmsOperation({
  input: jsonShapes.structure({}, { Limit: shapes.limit, Marker: shapes.marker }),

  asks: () => askOfAll("kms:ListKeys"),

  async run(input, call) {
    const { accountId } = call.caller;
    const { items, paging } = await readKmsPage(
      call,
      { listing: ["ListKeys"], input, limitDefault: 100, limitMax: 1000 },
      (after, limit) => kmsStore.listKeys(call.db.read, { accountId, after, limit, now: call.now }),
      ({ id }) => id,
    );
    return { Keys: items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...paging };
  },
});
