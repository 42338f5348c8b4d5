import { resources } from "../store/store.ts";
import { requireApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/**
 * Deletes a chat site at once. Sessions that were opened before go on until they expire, as the
 * real service does ("DeleteWebExperience", API reference).
 */
export const deleteWebExperience: Operation<"DeleteWebExperience"> = async (input, call) => {
  const { applicationId, webExperienceId } = input;
  await requireApplication(call, applicationId);
  const site = await requireResource(call, "webExperience", webExperienceId, { applicationId });
  await call.db.write((trx) => resources.remove(trx, site));
  return {};
};
