import { tags as tagStore } from "../store/store.ts";
import type { Operation } from "./operation.ts";
import { requireTaggable } from "./taggable.ts";
import { checkCount, checkTags } from "./tagging.ts";

/** Adds tags; a key that is there gets the new value ("TagResource", API reference). */
export const tagResource: Operation<"TagResource"> = async ({ resourceARN, tags }, call) => {
  const { arn } = await requireTaggable(call, resourceARN);
  checkTags(call, tags);
  await call.db.write(async (trx) => {
    await tagStore.put(trx, arn, tags);
    checkCount(call, (await tagStore.list(trx, arn)).length);
  });
  return {};
};
