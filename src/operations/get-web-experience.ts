import { requireApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { defaultEndpointOf, type WebExperienceRecord } from "./web-experience.ts";

/** Reads a web experience with the site's address ("GetWebExperience", API reference). */
export const getWebExperience: Operation<"GetWebExperience"> = async (input, call) => {
  const { applicationId, webExperienceId } = input;
  await requireApplication(call, applicationId);
  const site = await requireResource<WebExperienceRecord>(call, "webExperience", webExperienceId, {
    applicationId,
  });
  const { record } = site;
  return {
    applicationId,
    webExperienceId,
    webExperienceArn: site.arn,
    defaultEndpoint: defaultEndpointOf(call, input),
    status: site.status as "ACTIVE",
    createdAt: site.createdAt,
    updatedAt: site.updatedAt,
    title: record.title,
    subtitle: record.subtitle,
    welcomeMessage: record.welcomeMessage,
    samplePromptsControlMode: record.samplePromptsControlMode ?? "DISABLED",
    origins: record.origins,
    roleArn: record.roleArn,
    identityProviderConfiguration: record.identityProviderConfiguration,
    authenticationConfiguration: record.authenticationConfiguration,
    browserExtensionConfiguration: record.browserExtensionConfiguration,
    customizationConfiguration: record.customizationConfiguration,
  };
};
