import type { SourceAttribution } from "../chat/chat.ts";
import { conversations, type Message } from "../store/store.ts";
import { contentOf } from "./application-content.ts";
import type { ApplicationRecord } from "./application.ts";
import { requireConversation } from "./chat-conversation.ts";
import { requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { readPage } from "./paging.ts";
import { signedInUserOf } from "./viewer.ts";

const maxResultsDefault = 100;

/**
 * The messages of one of the user's own conversations, newest first ("ListMessages", API
 * reference). Answers come with their sources, in a member whose name is singular.
 */
export const listMessages: Operation<"ListMessages"> = async (input, call) => {
  const { applicationId, conversationId } = input;
  const application = await requireApplication<ApplicationRecord>(call, applicationId);
  const { owner } = await signedInUserOf(call, application, input);
  const cipher = await contentOf(call, applicationId);
  await requireConversation(call, { applicationId, conversationId, owner });
  const { items, nextToken } = await readPage(
    call,
    {
      scope: `messages/${conversationId}`,
      nextToken: input.nextToken,
      maxResults: input.maxResults,
      maxResultsDefault,
    },
    (before, limit) =>
      conversations.listMessages(
        call.db.read,
        { conversationId, limit, ...(before === undefined ? {} : { before: Number(before) }) },
        cipher,
      ),
    ({ sequence }) => String(sequence),
  );
  return { messages: items.map(shown), nextToken };
};

function shown({ id, body, at, type, attributions }: Message) {
  const message = { messageId: id, body, time: at, type };
  return type === "SYSTEM" ? { ...message, sourceAttribution: sourcesIn(attributions) } : message;
}

function sourcesIn(json: string): readonly SourceAttribution[] {
  return JSON.parse(json, (name, value) =>
    name === "updatedAt" ? new Date(String(value)) : (value as unknown),
  ) as readonly SourceAttribution[];
}
