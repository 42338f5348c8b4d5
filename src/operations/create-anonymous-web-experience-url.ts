import { createHash } from "node:crypto";
import { webSessions } from "../store/store.ts";
import { apiError } from "../wire/wire.ts";
import type { ApplicationRecord } from "./application.ts";
import { invalid, requireActiveApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { defaultEndpointOf } from "./web-experience.ts";

const opensWithinMs = 5 * 60_000;
const sessionMinutesDefault = 60;
const tokenBytes = 32;

/**
 * Mints a URL that opens one anonymous session, once, within five minutes
 * ("CreateAnonymousWebExperienceUrl", API reference). Only a hash of its token is kept.
 */
export const createAnonymousWebExperienceUrl: Operation<"CreateAnonymousWebExperienceUrl"> = async (
  input,
  call,
) => {
  const { applicationId, webExperienceId } = input;
  const application = await requireActiveApplication<ApplicationRecord>(call, applicationId);
  await requireResource(call, "webExperience", webExperienceId, { applicationId });
  if (application.record.identityType !== "ANONYMOUS") {
    throw invalid(
      "applicationId",
      `Member must name an application of identityType ANONYMOUS, not ${application.record.identityType}`,
    );
  }
  const token = call.ids.bytes(tokenBytes).toString("base64url");
  await call.db.write(async (trx) => {
    const open = await webSessions.countOpenLinks(trx, webExperienceId, call.now);
    if (open >= call.quotas.openLinksPerWebExperience) {
      throw apiError("ServiceQuotaExceededException", {
        message: `${open} links of this web experience wait to be opened, the most there may be; they lapse after 5 minutes.`,
        resourceId: webExperienceId,
        resourceType: "web-experience",
      });
    }
    await webSessions.insertLink(trx, {
      tokenHash: createHash("sha256").update(token).digest("hex"),
      applicationId,
      webExperienceId,
      sessionMinutes: input.sessionDurationInMinutes ?? sessionMinutesDefault,
      opensUntil: new Date(call.now.getTime() + opensWithinMs),
    });
  });
  return { anonymousUrl: `${defaultEndpointOf(call, input)}open?token=${token}` };
};
