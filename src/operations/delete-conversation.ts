import { conversations, idempotency } from "../store/store.ts";
import type { ApplicationRecord } from "./application.ts";
import { within } from "./call.ts";
import { turnScope } from "./chat-turn.ts";
import { requireConversation } from "./chat-conversation.ts";
import { requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { signedInUserOf } from "./viewer.ts";

/**
 * Removes one of the user's own conversations with its messages ("DeleteConversation", API
 * reference). A second time it is not found.
 */
export const deleteConversation: Operation<"DeleteConversation"> = async (input, call) => {
  const { applicationId, conversationId } = input;
  const application = await requireApplication<ApplicationRecord>(call, applicationId);
  const { owner } = await signedInUserOf(call, application, input);
  await call.db.write(async (trx) => {
    await requireConversation(within(call, trx), { applicationId, conversationId, owner });
    await conversations.remove(trx, conversationId);
    // What a client token would repeat is the same text: nothing of it stays.
    const scope = turnScope(applicationId, owner);
    await idempotency.forgetAnswers(trx, { scope, conversationId });
  });
  return {};
};
