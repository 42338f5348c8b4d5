import type { Operation } from "./operation.ts";
import { runTurn } from "./chat-turn.ts";

/** Asks a question and waits for the whole answer ("ChatSync", API reference). */
export const chatSync: Operation<"ChatSync"> = async (input, call) => {
  const turn = runTurn(call, {
    applicationId: input.applicationId,
    userId: input.userId,
    userGroups: input.userGroups,
    conversationId: input.conversationId,
    parentMessageId: input.parentMessageId,
    userMessage: input.userMessage,
    attributeFilter: input.attributeFilter,
    chatMode: input.chatMode,
    clientToken: input.clientToken,
    unsupported: (["attachments", "actionExecution", "authChallengeResponse"] as const).find(
      (member) => input[member] !== undefined,
    ),
  });
  for await (const event of turn) {
    if (event.kind !== "metadata") continue;
    return {
      conversationId: event.conversationId,
      systemMessage: event.finalTextMessage,
      systemMessageId: event.systemMessageId,
      userMessageId: event.userMessageId,
      sourceAttributions: event.sourceAttributions,
      failedAttachments: [],
    };
  }
  throw new Error("The turn ended without an answer.");
};
