import type { iamShapes } from "../../contract/contract.ts";
import { type Readable, settings, type WriteTransaction } from "../../store/store.ts";

/** How the deletion of a service-linked role ended. */
export type DeletionOutcome = iamShapes.GetServiceLinkedRoleDeletionStatusResponse;

const settingPrefix = "iam/deletion-task/";

/** Keeps how a task ended. */
export async function putOutcome(
  trx: WriteTransaction,
  taskId: string,
  outcome: DeletionOutcome,
): Promise<void> {
  await settings.put(trx, settingPrefix + taskId, JSON.stringify(outcome));
}

/** How a task ended; undefined for one that there never was. */
export async function findOutcome(
  db: Readable,
  taskId: string,
): Promise<DeletionOutcome | undefined> {
  const text = await settings.find(db, settingPrefix + taskId);
  return text === undefined ? undefined : (JSON.parse(text) as DeletionOutcome);
}
