import { listResources } from "./listing.ts";
import { requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { defaultEndpointOf, type WebExperienceRecord } from "./web-experience.ts";

/** Lists the chat sites of an application ("ListWebExperiences", API reference). */
export const listWebExperiences: Operation<"ListWebExperiences"> = async (input, call) => {
  const { applicationId } = input;
  await requireApplication(call, applicationId);
  const { items, nextToken } = await listResources<WebExperienceRecord>(call, input, {
    kind: "webExperience",
    applicationId,
    maxResultsDefault: 100,
  });
  return {
    nextToken,
    webExperiences: items.map(({ id, status, createdAt, updatedAt }) => ({
      webExperienceId: id,
      createdAt,
      updatedAt,
      defaultEndpoint: defaultEndpointOf(call, { applicationId, webExperienceId: id }),
      status: status as "ACTIVE",
    })),
  };
};
