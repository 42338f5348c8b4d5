import { feedback } from "../store/store.ts";
import { contentOf } from "./application-content.ts";
import type { ApplicationRecord } from "./application.ts";
import { findMessage, requireConversation } from "./chat-conversation.ts";
import { invalid, notFound, requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { endUserOf } from "./viewer.ts";

/**
 * Records what a user thought of an answer, or that they copied it ("PutFeedback", API reference).
 * The last call for a message wins.
 */
export const putFeedback: Operation<"PutFeedback"> = async (input, call) => {
  const { applicationId, conversationId, messageId, messageUsefulness, messageCopiedAt } = input;
  const application = await requireApplication<ApplicationRecord>(call, applicationId);
  const { owner } = await endUserOf(call, application, input);
  if (messageUsefulness === undefined && messageCopiedAt === undefined) {
    throw invalid("messageUsefulness", "Member must not be null without messageCopiedAt");
  }
  const cipher = await contentOf(call, applicationId);
  await requireConversation(call, { applicationId, conversationId, owner });
  const message = await findMessage(call, { conversationId, messageId }, cipher);
  // Only answers can be rated; somebody's own question looks like no message.
  if (message?.type !== "SYSTEM") throw notFound("message", messageId);
  const { usefulness, reason, comment, submittedAt } = messageUsefulness ?? {};
  const given = {
    messageId,
    applicationId,
    at: call.now,
    ...(usefulness === undefined ? {} : { usefulness }),
    ...(reason === undefined ? {} : { reason }),
    ...(comment === undefined ? {} : { comment }),
    ...(submittedAt === undefined ? {} : { submittedAt }),
    ...(messageCopiedAt === undefined ? {} : { copiedAt: messageCopiedAt }),
  };
  await call.db.write((trx) => feedback.put(trx, given, cipher));
  return {};
};
