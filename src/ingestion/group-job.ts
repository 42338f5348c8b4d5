import { type MembershipType, readMembersFile } from "../principals/principals.ts";
import {
  type GroupScope,
  type Job,
  jobs,
  principalGroups,
  type WriteTransaction,
} from "../store/store.ts";
import { readAsRole, type RoleObject } from "./read-as-role.ts";
import type { SyncServices } from "./sync/services.ts";

/** A group whose members stand in a file, as PutGroup accepted it. */
export type GroupToPut = GroupScope &
  RoleObject & {
    readonly name: string;
    readonly groupType: MembershipType;
    /** What the accepted put is known by. */
    readonly key: number;
    readonly epoch: number;
  };

/** Name of the queue. */
export const groupQueue = "group";

/** Published: the most members of a group. */
const membersMax = 100_000;

/** Adds the job that reads the file, in the transaction that acknowledges the put. */
export async function enqueueGroup(
  trx: WriteTransaction,
  group: GroupToPut,
  at: Date,
): Promise<void> {
  await jobs.enqueue(trx, {
    queue: groupQueue,
    key: String(group.key),
    payload: JSON.stringify(group),
    at,
  });
}

/**
 * Reads the file and gives the group its members, unless something newer was asked of the group
 * meanwhile. A file that cannot be read or taken leaves the members as they were.
 */
export async function runGroup(
  services: SyncServices,
  job: Job,
  signal: AbortSignal,
): Promise<void> {
  const { db, now } = services;
  const group = JSON.parse(job.payload) as GroupToPut;
  if (!(await principalGroups.isCurrent(db.read, group))) return;
  const sessionName = "QBusiness-PutGroup";
  const got = await readAsRole(services, group, { sessionName, signal });
  if (!("bytes" in got)) {
    return db.write((trx) => principalGroups.fail(trx, group, { ...got, at: now() }));
  }
  const { groupType } = group;
  const file = await readMembersFile({ bytes: got.bytes, groupType, membersMax }, { signal });
  await db.write(async (trx) => {
    const at = now();
    if ("pieces" in file) return principalGroups.replaceMembers(trx, { ...group, at }, file.pieces);
    const errorCode = "InvalidRequest";
    return principalGroups.fail(trx, group, { errorCode, errorMessage: file.problem, at });
  });
}

/** After the last attempt: the put fails, and says why. */
export async function giveUpGroup(
  trx: WriteTransaction,
  job: Job,
  failure: { readonly reason: string; readonly at: Date },
): Promise<void> {
  await principalGroups.fail(trx, JSON.parse(job.payload) as GroupToPut, {
    errorCode: "InternalError",
    errorMessage: `The members file could not be read after several attempts: ${failure.reason}`,
    at: failure.at,
  });
}
