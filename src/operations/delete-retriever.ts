import { resources } from "../store/store.ts";
import { requireApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/** Deletes a retriever at once: it has no DELETING state ("DeleteRetriever", API reference). */
export const deleteRetriever: Operation<"DeleteRetriever"> = async (input, call) => {
  const { applicationId, retrieverId } = input;
  await requireApplication(call, applicationId);
  const retriever = await requireResource(call, "retriever", retrieverId, { applicationId });
  await call.db.write((trx) => resources.remove(trx, retriever));
  return {};
};
