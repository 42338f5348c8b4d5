import { jsonShapes } from "../../wire/wire.ts";
import { asksKey, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import { readKmsPage } from "./paging.ts";
import * as shapes from "./shapes.ts";

/** Lists the names of a key's policies, which is one ("ListKeyPolicies", AWS KMS API Reference). */
export const listKeyPolicies = kmsOperation({
  input: jsonShapes.structure(
    { KeyId: shapes.keyId },
    { Limit: shapes.limit, Marker: shapes.marker },
  ),

  asks: asksKey("kms:ListKeyPolicies"),

  async run(input, call) {
    const { key } = await requireKey(call.db.read, call, { keyId: input.KeyId });
    const { items, paging } = await readKmsPage(
      call,
      { listing: ["ListKeyPolicies", key.id], input, limitDefault: 100, limitMax: 1000 },
      async () => ["default"],
      (name) => name,
    );
    return { PolicyNames: items, ...paging };
  },
});
