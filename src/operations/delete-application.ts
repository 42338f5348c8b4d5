import { retireContentKey } from "./application-key.ts";
import type { ApplicationRecord } from "./application.ts";
import { startRemoval } from "./removal.ts";
import { requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/**
 * Starts to delete an application and everything below it ("DeleteApplication", API reference).
 * It shows as DELETING until the last document is gone, then it is not found. Of one with a key of its
 * own nothing can be read from now on.
 */
export const deleteApplication: Operation<"DeleteApplication"> = async (input, call) => {
  const application = await requireApplication<ApplicationRecord>(call, input.applicationId);
  await startRemoval(call, application, (trx) => retireContentKey(trx, application));
  return {};
};
