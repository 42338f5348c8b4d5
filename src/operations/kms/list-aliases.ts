import { kmsStore } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { askOfAll, kmsArn, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import { readKmsPage } from "./paging.ts";
import * as shapes from "./shapes.ts";

/** Lists the aliases of the account, or of one key ("ListAliases", AWS KMS API Reference). */
export const listAliases = kmsOperation({
  input: jsonShapes.structure(
    {},
    { KeyId: shapes.keyId, Limit: shapes.limit, Marker: shapes.marker },
  ),

  asks: () => askOfAll("kms:ListAliases"),

  async run(input, call) {
    const { accountId } = call.caller;
    const named =
      input.KeyId === undefined
        ? undefined
        : await requireKey(call.db.read, call, { keyId: input.KeyId });
    const keyId = named?.key.id;
    const { items, paging } = await readKmsPage(
      call,
      { listing: ["ListAliases", keyId ?? ""], input, limitDefault: 50, limitMax: 100 },
      (after, limit) => kmsStore.listAliases(call.db.read, { accountId, keyId, after, limit }),
      ({ name }) => name,
    );
    const Aliases = items.map((alias) => ({
      AliasName: alias.name,
      AliasArn: kmsArn(call, alias.name),
      TargetKeyId: alias.keyId,
      CreationDate: alias.createdAt,
      LastUpdatedDate: alias.updatedAt,
    }));
    return { Aliases, ...paging };
  },
});
