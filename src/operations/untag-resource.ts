import { tags as tagStore } from "../store/store.ts";
import type { Operation } from "./operation.ts";
import { requireTaggable } from "./taggable.ts";

/** Removes tags; keys that are not there do not matter ("UntagResource", API reference). */
export const untagResource: Operation<"UntagResource"> = async ({ resourceARN, tagKeys }, call) => {
  const { arn } = await requireTaggable(call, resourceARN);
  await call.db.write((trx) => tagStore.remove(trx, arn, tagKeys));
  return {};
};
