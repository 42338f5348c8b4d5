import { startRemoval } from "./removal.ts";
import { requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/**
 * Starts to delete an application and everything below it ("DeleteApplication", API reference).
 * It shows as DELETING until the last document is gone, then it is not found.
 */
export const deleteApplication: Operation<"DeleteApplication"> = async (input, call) => {
  const application = await requireApplication(call, input.applicationId);
  await startRemoval(call, application);
  return {};
};
