import type { ApplicationRecord } from "./application.ts";
import { invalid, requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/**
 * Reads the chat controls in effect ("GetChatControlsConfiguration", API reference). They cannot
 * be changed yet, so these are the ones an application is born with.
 */
export const getChatControlsConfiguration: Operation<"GetChatControlsConfiguration"> = async (
  input,
  call,
) => {
  const application = await requireApplication<ApplicationRecord>(call, input.applicationId);
  // There are no topics yet, so no page of them ever ended with a token.
  if (input.nextToken !== undefined) {
    throw invalid("nextToken", "Member must be a token that this operation returned");
  }
  const isAnonymous = application.record.identityType === "ANONYMOUS";
  return {
    responseScope: "ENTERPRISE_CONTENT_ONLY",
    orchestrationConfiguration: { control: "DISABLED" },
    blockedPhrases: { blockedPhrases: [] },
    topicConfigurations: [],
    // The reference says DISABLED, the guide ENABLED since 31 October 2024; anonymous visitors
    // never get answers from outside the documents.
    creatorModeConfiguration: { creatorModeControl: isAnonymous ? "DISABLED" : "ENABLED" },
    hallucinationReductionConfiguration: { hallucinationReductionControl: "DISABLED" },
  };
};
