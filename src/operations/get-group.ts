import type { ErrorCode, GroupStatusDetail } from "../contract/contract.ts";
import { type GroupEvent, principalGroups } from "../store/store.ts";
import { groupScope, groupType } from "./group-scope.ts";
import { notFound } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/** How a group stands and what happened to it, oldest first; never who is in it ("GetGroup", API reference). */
export const getGroup: Operation<"GetGroup"> = async (input, call) => {
  const { groupName: name } = input;
  const scope = await groupScope(call, input, "read");
  const group = await principalGroups.find(call.db.read, { ...scope, name });
  if (group === undefined) throw notFound(groupType, name);
  const statusHistory = (await principalGroups.listEvents(call.db.read, group.key)).map(detailOf);
  return { status: statusHistory.at(-1), statusHistory };
};

function detailOf({ status, at, errorCode, errorMessage }: GroupEvent): GroupStatusDetail {
  const errorDetail = { errorCode: errorCode as ErrorCode, errorMessage };
  return { status, lastUpdatedAt: at, ...(errorCode === "" ? {} : { errorDetail }) };
}
