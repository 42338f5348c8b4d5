import { principalGroups } from "../store/store.ts";
import { groupScope, groupType } from "./group-scope.ts";
import { notFound } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/**
 * Removes the group of a data source, or the index's where none is named; both may exist under one
 * name ("DeleteGroup", API reference). It grants nothing any more when the call returns. Access
 * lists keep its name, so a group made again under it opens them again.
 */
export const deleteGroup: Operation<"DeleteGroup"> = async (input, call) => {
  const { groupName: name } = input;
  const scope = await groupScope(call, input, "change");
  const isRemoved = await call.db.write((trx) =>
    principalGroups.remove(trx, { ...scope, name, at: call.now }),
  );
  if (!isRemoved) throw notFound(groupType, name);
  return {};
};
