import { tags as tagStore } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { asksKey, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import { readKmsPage } from "./paging.ts";
import * as shapes from "./shapes.ts";

/** Lists the tags of a key ("ListResourceTags", AWS KMS API Reference). */
export const listResourceTags = kmsOperation({
  input: jsonShapes.structure(
    { KeyId: shapes.keyId },
    { Limit: shapes.limit, Marker: shapes.marker },
  ),

  asks: asksKey("kms:ListResourceTags"),

  async run(input, call) {
    const { key } = await requireKey(call.db.read, call, { keyId: input.KeyId });
    const all = await tagStore.list(call.db.read, key.arn);
    const { items, paging } = await readKmsPage(
      call,
      { listing: ["ListResourceTags", key.id], input, limitDefault: 50, limitMax: 50 },
      // Fewer than a hundred: read whole, shown by its place, for keys may be of any letters.
      async (after, limit) => all.slice(Number(after), Number(after) + limit),
      (tag) => String(all.indexOf(tag) + 1),
    );
    return {
      Tags: items.map(({ key: TagKey, value: TagValue }) => ({ TagKey, TagValue })),
      ...paging,
    };
  },
});
