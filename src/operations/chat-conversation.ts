import type { Exchange } from "../chat/chat.ts";
import type { ContentCipher } from "../core/content-cipher.ts";
import { type Conversation, conversations, type Message } from "../store/store.ts";
import type { Call } from "./call.ts";
import { invalid, notFound } from "./not-found.ts";

/** Earlier exchanges that a follow-up question may lean on. */
const exchangesMax = 5;

/** Where a turn hangs: a conversation that goes on, or none yet. */
export type TurnPlace = {
  readonly conversation: Conversation | undefined;
  readonly parentId: string;
  readonly history: readonly Exchange[];
};

/**
 * Finds the conversation that a call goes on with ("Chat and conversation management", user
 * guide). One that is unknown, has lapsed, or belongs to somebody else looks the same.
 *
 * @throws ValidationException for a parent message without its conversation,
 * ResourceNotFoundException otherwise.
 */
export async function findTurnPlace(
  call: Call,
  ids: {
    readonly applicationId: string;
    readonly conversationId: string | undefined;
    readonly parentMessageId: string | undefined;
    readonly owner: string;
  },
  cipher: ContentCipher,
): Promise<TurnPlace> {
  const { conversationId, parentMessageId } = ids;
  if (conversationId === undefined) {
    if (parentMessageId === undefined)
      return { conversation: undefined, parentId: "", history: [] };
    throw invalid("parentMessageId", "Member must be null without conversationId");
  }
  const conversation = await requireConversation(call, { ...ids, conversationId });
  const count = 2 * exchangesMax;
  const messages = await conversations.lastMessages(call.db.read, conversationId, count, cipher);
  const parentId = parentMessageId ?? messages.at(-1)?.id ?? "";
  const isKnown =
    parentId === "" ||
    messages.some((message) => message.id === parentId) ||
    (await findMessage(call, { conversationId, messageId: parentId }, cipher)) !== undefined;
  if (!isKnown) throw notFound("message", parentId);
  return { conversation, parentId, history: exchangesOf(messages, parentId) };
}

/** The conversation, if it is the end user's own and has not lapsed. */
export async function requireConversation(
  call: Call,
  ids: {
    readonly applicationId: string;
    readonly conversationId: string;
    readonly owner: string;
  },
): Promise<Conversation> {
  const conversation = await conversations.find(call.db.read, ids.conversationId);
  const idleMs = conversations.isUser(ids.owner)
    ? conversations.userRetentionMs
    : call.quotas.anonymousConversationIdleMinutes * 60_000;
  const isMine =
    conversation?.applicationId === ids.applicationId &&
    conversation.owner === ids.owner &&
    conversation.lastAt.getTime() + idleMs >= call.now.getTime();
  if (!isMine) throw notFound("conversation", ids.conversationId);
  return conversation;
}

/** A message of a conversation. */
export function findMessage(
  call: Call,
  ids: { readonly conversationId: string; readonly messageId: string },
  cipher: ContentCipher,
): Promise<Message | undefined> {
  return conversations.findMessage(call.db.read, ids, cipher);
}

/** Questions with their replies, oldest first, up to the message that the turn follows. */
function exchangesOf(messages: readonly Message[], parentId: string): readonly Exchange[] {
  const last = messages.findIndex((message) => message.id === parentId);
  const before = last === -1 ? messages : messages.slice(0, last + 1);
  const exchanges: Exchange[] = [];
  for (const message of before) {
    if (message.type !== "SYSTEM") continue;
    const question = before.find((candidate) => candidate.id === message.parentId);
    if (question !== undefined) exchanges.push({ question: question.body, answer: message.body });
  }
  return exchanges;
}
