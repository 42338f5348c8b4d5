import { answerTurn, type SourceAttribution, type TurnMetadata } from "../chat/chat.ts";
import type { ContentCipher } from "../core/content-cipher.ts";
import type { AttributeFilter } from "../contract/contract.ts";
import { conversations, idempotency, type WriteTransaction } from "../store/store.ts";
import { contentOf } from "./application-content.ts";
import type { ApplicationRecord } from "./application.ts";
import { type Call, within } from "./call.ts";
import { findTurnPlace, requireConversation, type TurnPlace } from "./chat-conversation.ts";
import { requestHashOf, tokenConflict } from "./idempotent.ts";
import { invalid, requireActiveApplication } from "./not-found.ts";
import { checkedFilter, defaultIndex, retrieveFor } from "./retrieval.ts";
import { endUserOf, type EndUser, type UserMembers } from "./viewer.ts";

/** One question, from Chat or ChatSync, after its envelope is off. */
export type TurnInput = UserMembers & {
  readonly applicationId: string;
  readonly conversationId: string | undefined;
  readonly parentMessageId: string | undefined;
  readonly userMessage: string | undefined;
  readonly attributeFilter: AttributeFilter | undefined;
  readonly chatMode: string | undefined;
  readonly clientToken: string | undefined;
  /** What is not served yet, and an anonymous application never has: attachments, plugin forms, answers to challenges. */
  readonly unsupported: string | undefined;
};

/** Ids that every event of a turn carries. */
export type TurnIds = {
  readonly conversationId: string;
  readonly userMessageId: string;
  readonly systemMessageId: string;
};

/** What a turn tells its client: deltas of the answer, then the whole with its sources. */
export type TurnReply = TurnIds &
  (
    | {
        readonly kind: "text";
        readonly systemMessageType: "RESPONSE" | "GROUNDED_RESPONSE";
        readonly systemMessage: string;
      }
    | {
        readonly kind: "metadata";
        readonly finalTextMessage: string;
        readonly sourceAttributions: readonly SourceAttribution[];
      }
  );

type StoredReply = TurnIds & {
  readonly finalTextMessage: string;
  readonly sourceAttributions: readonly SourceAttribution[];
};

/**
 * Runs one turn of a conversation and stores it before its last event is given out. The order of
 * the checks: application, request, conversation, then blocked phrases, retrieval and answer. A
 * client token that was used before gets the answer of then, and no second message.
 */
export async function* runTurn(call: Call, input: TurnInput): AsyncGenerator<TurnReply> {
  const { question, user } = await checkTurn(call, input);
  const cipher = await contentOf(call, input.applicationId);
  const token = tokenKey(input, user);
  const requestHash = hashOfTurn(input);
  const earlier = token && (await idempotency.find(call.db.read, token, cipher));
  if (earlier !== undefined && token !== undefined) {
    if (earlier.requestHash !== requestHash) throw tokenConflict("ChatSync", token.token);
    return yield* repeat(await requireKept(call, { ...input, owner: user.owner }, earlier));
  }
  const index = await defaultIndex(call, input.applicationId);
  const filter = checkedFilter(index, input.attributeFilter);
  const place = await findTurnPlace(call, { ...input, owner: user.owner }, cipher);
  const ids: TurnIds = {
    conversationId: place.conversation?.id ?? call.ids.uuid(),
    userMessageId: call.ids.uuid(),
    systemMessageId: call.ids.uuid(),
  };
  const turn = answerTurn({
    question,
    history: place.history,
    viewer: user.viewer,
    blockedPhrases: { phrases: [] },
    retrieve: retrieveFor(call, index, filter),
    answerer: call.answerer,
    signal: call.signal,
  });
  for await (const event of turn) {
    if (event.kind === "text") {
      const { systemMessageType, systemMessage } = event;
      yield { ...ids, kind: "text", systemMessageType, systemMessage };
      continue;
    }
    const { finalTextMessage, sourceAttributions } = event;
    const response = JSON.stringify({ ...ids, finalTextMessage, sourceAttributions });
    const first = await call.db.write(async (trx) => {
      // A retry that overtook us has stored its answer: then that one counts, and no second message.
      const other = token && (await idempotency.find(trx, token, cipher));
      if (other !== undefined) {
        const { owner } = user;
        return requireKept(within(call, trx), { ...input, owner }, other);
      }
      await requireActiveApplication(within(call, trx), input.applicationId);
      await storeTurn(call, trx, { input, user, question, place, ids, reply: event, cipher });
      const answer = { requestHash, response, at: call.now };
      if (token) await idempotency.put(trx, token, answer, cipher);
      return response;
    });
    yield metadataIn(first);
  }
}

async function checkTurn(
  call: Call,
  input: TurnInput,
): Promise<{ readonly question: string; readonly user: EndUser }> {
  const { applicationId, unsupported, chatMode, userMessage } = input;
  const application = await requireActiveApplication<ApplicationRecord>(call, applicationId);
  const user = await endUserOf(call, application, input);
  const isAnonymous = user.viewer.kind === "anonymous";
  if (unsupported !== undefined) {
    throw invalid(
      unsupported,
      isAnonymous
        ? "Member must be null for an application of identityType ANONYMOUS"
        : "Quarry takes no attachments, forms of plugins and answers to challenges yet",
    );
  }
  if (chatMode === "PLUGIN_MODE") {
    throw invalid(
      "chatMode",
      isAnonymous
        ? "An application of identityType ANONYMOUS has no plugins"
        : "The application has no plugins; Quarry does not implement them yet",
    );
  }
  if (chatMode === "CREATOR_MODE") {
    throw invalid("chatMode", "Creator mode is disabled in the application's chat controls");
  }
  if (userMessage === undefined || userMessage.trim() === "") {
    throw invalid("userMessage", "Member must not be null or empty");
  }
  const max = call.quotas.userMessageCharactersMax;
  // Counted in code points, as the service counts lengths.
  if (userMessage.length > max && [...userMessage].length > max) {
    throw invalid("userMessage", `Member must have length less than or equal to ${max}`);
  }
  return { question: userMessage, user };
}

/** What client tokens of one end user's turns are kept under. */
export function turnScope(applicationId: string, owner: string): string {
  return `chat/${applicationId}/${owner}`;
}

function tokenKey(input: TurnInput, { owner }: EndUser): idempotency.IdempotencyKey | undefined {
  const { clientToken: token, applicationId } = input;
  if (token === undefined) return undefined;
  return { scope: turnScope(applicationId, owner), token };
}

function hashOfTurn(input: TurnInput): string {
  const { conversationId, parentMessageId, userMessage, attributeFilter, chatMode } = input;
  const said = { conversationId, parentMessageId, userMessage, attributeFilter, chatMode };
  return requestHashOf(said);
}

/** An answer of then, unless its conversation has been deleted or has lapsed since. */
async function requireKept(
  call: Call,
  { applicationId, owner }: { readonly applicationId: string; readonly owner: string },
  { response }: { readonly response: string },
): Promise<string> {
  const { conversationId } = JSON.parse(response) as TurnIds;
  await requireConversation(call, { applicationId, conversationId, owner });
  return response;
}

function* repeat(response: string): Generator<TurnReply> {
  const metadata = metadataIn(response);
  const { finalTextMessage, conversationId, userMessageId, systemMessageId } = metadata;
  const ids = { conversationId, userMessageId, systemMessageId };
  yield { ...ids, kind: "text", systemMessageType: "RESPONSE", systemMessage: finalTextMessage };
  yield metadata;
}

function metadataIn(response: string): StoredReply & { readonly kind: "metadata" } {
  const stored = JSON.parse(response, (name, value) =>
    name === "updatedAt" ? new Date(String(value)) : (value as unknown),
  ) as StoredReply;
  return { ...stored, kind: "metadata" };
}

const titleCharacters = 50;

async function storeTurn(
  call: Call,
  trx: WriteTransaction,
  turn: {
    readonly input: TurnInput;
    readonly user: EndUser;
    readonly question: string;
    readonly place: TurnPlace;
    readonly ids: TurnIds;
    readonly reply: TurnMetadata;
    readonly cipher: ContentCipher;
  },
): Promise<void> {
  const { input, user, question, place, ids, reply, cipher } = turn;
  const { conversationId } = ids;
  const at = call.now;
  const conversation = {
    id: conversationId,
    applicationId: input.applicationId,
    owner: user.owner,
    title: place.conversation?.title ?? [...question].slice(0, titleCharacters).join(""),
    startedAt: place.conversation?.startedAt ?? at,
    lastAt: at,
  };
  await conversations.put(trx, conversation, cipher);
  const asked = {
    id: ids.userMessageId,
    conversationId,
    parentId: await parentOf(trx, input, place, cipher),
    type: "USER" as const,
    body: question,
    attributions: "[]",
    at,
  };
  const answered = {
    id: ids.systemMessageId,
    conversationId,
    parentId: ids.userMessageId,
    type: "SYSTEM" as const,
    body: reply.finalTextMessage,
    attributions: JSON.stringify(reply.sourceAttributions),
    at,
  };
  for (const message of [asked, answered]) {
    await conversations.insertMessage(trx, message, cipher);
  }
}

/** The message that the client names; else the newest, which another turn may have added meanwhile. */
async function parentOf(
  trx: WriteTransaction,
  { parentMessageId }: TurnInput,
  { conversation, parentId }: TurnPlace,
  cipher: ContentCipher,
): Promise<string> {
  if (parentMessageId !== undefined || conversation === undefined) return parentId;
  const [newest] = await conversations.lastMessages(trx, conversation.id, 1, cipher);
  return newest?.id ?? parentId;
}
