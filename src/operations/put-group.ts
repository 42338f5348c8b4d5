import type { PutGroupRequest } from "../contract/contract.ts";
import { checkMembers, encodeMembers, type GroupMember } from "../principals/principals.ts";
import {
  type GroupScope,
  principalGroups,
  resources,
  type WriteTransaction,
} from "../store/store.ts";
import { arnOf } from "./arns.ts";
import type { Call } from "./call.ts";
import { groupScope } from "./group-scope.ts";
import { invalid, notFound, requireActive } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { checkPassedRole } from "./roles.ts";

/**
 * Gives a group its members, in place of those it had ("PutGroup", API reference). A short list
 * counts when the call returns; that of a file when the file has been read, unless something newer
 * was asked of the group by then.
 */
export const putGroup: Operation<"PutGroup"> = async (input, call) => {
  const { groupName: name, groupMembers, roleArn, type } = input;
  checkScope(input);
  const members = checkedMembers(call, input);
  const scope = await groupScope(call, input, "change");
  const { applicationId } = scope;
  const applicationArn = arnOf(call, { applicationId });
  const service = "qbusiness.amazonaws.com";
  await checkPassedRole(call, { roleArn, service, applicationArn });
  const at = call.now;
  const path = groupMembers.s3PathForGroupMembers;
  await call.db.write(async (trx) => {
    await requireStillThere(trx, scope);
    const put = await principalGroups.accept(trx, { ...scope, name, at });
    if (path === undefined || roleArn === undefined) {
      await principalGroups.replaceMembers(trx, { ...scope, ...put, at }, encodeMembers(members));
      return;
    }
    const { bucket, key: objectKey } = path;
    const file = { bucket, objectKey, roleArn, applicationArn };
    const group = { ...scope, ...file, ...put, name, groupType: type };
    await call.ingestion.enqueueGroup(trx, group, at);
  });
  if (path !== undefined) call.ingestion.wake();
  return {};
};

function checkScope({ type, dataSourceId, groupMembers, roleArn }: PutGroupRequest): void {
  if (type === "DATASOURCE" && dataSourceId === undefined) {
    throw invalid("dataSourceId", "Member must not be null for a group of type DATASOURCE");
  }
  if (type === "INDEX" && dataSourceId !== undefined) {
    throw invalid("dataSourceId", "Member must be null for a group of type INDEX");
  }
  if (groupMembers.s3PathForGroupMembers === undefined) return;
  if (groupMembers.memberUsers !== undefined || groupMembers.memberGroups !== undefined) {
    throw invalid(
      "groupMembers",
      "Member must have either s3PathForGroupMembers or memberUsers and memberGroups",
    );
  }
  if (roleArn === undefined) {
    throw invalid("roleArn", "Member must not be null with groupMembers.s3PathForGroupMembers");
  }
}

function checkedMembers(call: Call, input: PutGroupRequest): readonly GroupMember[] {
  const members = checkMembers(input.type, input.groupMembers);
  if ("message" in members) throw invalid(`groupMembers.${members.field}`, members.message);
  const max = call.quotas.inlineMembersPerGroup;
  if (members.length <= max) return members;
  throw invalid(
    "groupMembers",
    `Member must have ${max} members or less; list more of them in a file (s3PathForGroupMembers)`,
  );
}

/** Between the check and the transaction, the removal of an index may have begun. */
async function requireStillThere(trx: WriteTransaction, scope: GroupScope): Promise<void> {
  const { indexId, dataSourceId } = scope;
  const index = await resources.find(trx, "index", indexId);
  if (index === undefined) throw notFound("index", indexId);
  requireActive(index);
  if (dataSourceId === "") return;
  const source = await resources.find(trx, "dataSource", dataSourceId);
  if (source === undefined) throw notFound("data-source", dataSourceId);
  requireActive(source);
}
