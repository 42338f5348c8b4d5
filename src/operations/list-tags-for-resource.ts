import { tags as tagStore } from "../store/store.ts";
import type { Operation } from "./operation.ts";
import { requireTaggable } from "./taggable.ts";

/** Reads the tags of a resource ("ListTagsForResource", API reference). */
export const listTagsForResource: Operation<"ListTagsForResource"> = async (
  { resourceARN },
  call,
) => {
  const { arn } = await requireTaggable(call, resourceARN);
  return { tags: await tagStore.list(call.db.read, arn) };
};
