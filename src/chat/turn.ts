import assert from "node:assert/strict";
import { blockedPhraseIn, refusalText } from "./blocked-phrases.ts";
import { borrowedWords } from "./follow-up.ts";
import { holdBack } from "./hold-back.ts";
import type { Viewer } from "../core/viewer.ts";
import type { BlockedPhrases } from "./blocked-phrases.ts";
import type { Exchange } from "./follow-up.ts";
import type { Retrieved, SourceAttribution } from "./passages.ts";

/** The reply when nothing relevant was found; customers filter their logs for this text. */
export const noAnswerText =
  "Sorry, I could not find relevant information to complete your request.";

/** Passages asked of one retrieval. */
export const passagesAsked = 12;

/** Finds passages that the viewer may see, best first. */
export type Retrieve = (query: {
  readonly text: string;
  readonly viewer: Viewer;
  readonly limit: number;
  readonly signal: AbortSignal;
}) => Promise<Retrieved>;

/** A question with all that an answer may be made of. */
export type Ask = {
  readonly question: string;
  /** Words of earlier questions that this one leaves unsaid; often empty. */
  readonly borrowed: string;
  readonly history: readonly Exchange[];
  readonly retrieved: Retrieved;
};

/** A stretch of an answer, or its end with the sources; without sources and text: no answer. */
export type AnswerPart =
  | { readonly kind: "delta"; readonly text: string }
  | { readonly kind: "sources"; readonly sourceAttributions: readonly SourceAttribution[] };

/** Makes an answer from passages. Nothing but a stream without text says "no answer". */
export type Answerer = (ask: Ask, signal: AbortSignal) => AsyncIterable<AnswerPart>;

/** What a turn tells its client, in order: deltas, then exactly one metadata event. */
export type TurnEvent =
  | {
      readonly kind: "text";
      /** GROUNDED_RESPONSE replaces everything that was shown before it. */
      readonly systemMessageType: "RESPONSE" | "GROUNDED_RESPONSE";
      readonly systemMessage: string;
    }
  | TurnMetadata;

/** The end of a turn. */
export type TurnMetadata = {
  readonly kind: "metadata";
  readonly finalTextMessage: string;
  readonly sourceAttributions: readonly SourceAttribution[];
  /** For the log: `output_metrics_is_message_blocked` and `…_with_no_answer`. */
  readonly outcome: "answered" | "noAnswer" | "blocked";
};

/** Everything one turn depends on. */
export type Turn = {
  readonly question: string;
  /** Earlier exchanges of the conversation, oldest first. */
  readonly history: readonly Exchange[];
  readonly viewer: Viewer;
  readonly blockedPhrases: BlockedPhrases;
  readonly retrieve: Retrieve;
  readonly answerer: Answerer;
  readonly signal: AbortSignal;
};

/**
 * Runs one turn: blocked phrase in the question, retrieval, answer, blocked phrase in the answer.
 * The concatenated deltas are the final text, unless a replacement begins with GROUNDED_RESPONSE.
 * Rejects when retrieval or the answerer does, and with the signal's reason once it is aborted;
 * then there is no metadata event. (ChatSync and "Chat: ChatOutputStream"; the order is ours.)
 */
export async function* answerTurn(turn: Turn): AsyncGenerator<TurnEvent, void, undefined> {
  const { question, history, viewer, signal } = turn;
  const { phrases } = turn.blockedPhrases;
  signal.throwIfAborted();
  if (blockedPhraseIn(question, phrases) !== undefined) return yield* refuse(turn, false);
  const borrowed = borrowedWords(question, history);
  const text = `${question} ${borrowed}`.trim();
  const retrieved = await turn.retrieve({ text, viewer, limit: passagesAsked, signal });
  signal.throwIfAborted();

  let sources: readonly SourceAttribution[] = [];
  async function* deltas(): AsyncGenerator<string> {
    for await (const part of turn.answerer({ question, borrowed, history, retrieved }, signal)) {
      signal.throwIfAborted();
      if (part.kind === "delta") yield part.text;
      else sources = part.sourceAttributions;
    }
  }
  let shown = "";
  for await (const released of holdBack(deltas(), phrases)) {
    if (released.kind === "blocked") return yield* refuse(turn, shown !== "");
    shown += released.text;
    yield { kind: "text", systemMessageType: "RESPONSE", systemMessage: released.text };
  }
  if (shown === "") return yield* reply(noAnswerText, "noAnswer");
  assertGiven(sources, retrieved);
  const hidden = hideBlocked(sources, phrases);
  if (hidden === undefined) return yield* refuse(turn, true);
  yield metadata(shown, hidden, "answered");
}

function* refuse(turn: Turn, isReplacement: boolean): Generator<TurnEvent, void, undefined> {
  yield* reply(refusalText(turn.blockedPhrases), "blocked", isReplacement);
}

function* reply(
  text: string,
  outcome: TurnMetadata["outcome"],
  isReplacement = false,
): Generator<TurnEvent, void, undefined> {
  const systemMessageType = isReplacement ? "GROUNDED_RESPONSE" : "RESPONSE";
  yield { kind: "text", systemMessageType, systemMessage: text };
  yield metadata(text, [], outcome);
}

function metadata(
  finalTextMessage: string,
  sourceAttributions: readonly SourceAttribution[],
  outcome: TurnMetadata["outcome"],
): TurnMetadata {
  return { kind: "metadata", finalTextMessage, sourceAttributions, outcome };
}

/** Whatever wrote the answer: what the viewer was not allowed to find cannot be cited. */
function assertGiven(sources: readonly SourceAttribution[], { passages }: Retrieved): void {
  const given = new Set(passages.map(({ source }) => source.documentId));
  for (const { documentId } of sources) {
    assert.ok(given.has(documentId), `document "${documentId}" was cited but not retrieved`);
  }
}

/**
 * A snippet is the whole chunk and may hold a blocked phrase that the answer does not: then only
 * the excerpts stay of it. Nothing when a title, address or excerpt itself holds one.
 */
function hideBlocked(
  sources: readonly SourceAttribution[],
  phrases: readonly string[],
): readonly SourceAttribution[] | undefined {
  const isBlocked = (text: string): boolean => blockedPhraseIn(text, phrases) !== undefined;
  const cleaned = sources.map((source) => {
    if (!isBlocked(source.snippet)) return source;
    const excerpts = source.textMessageSegments.map(({ snippetExcerpt }) => snippetExcerpt.text);
    return { ...source, snippet: excerpts.join("\n\n") };
  });
  const isHopeless = cleaned.some(({ title, url = "", snippet }) =>
    [title, url, snippet].some(isBlocked),
  );
  return isHopeless ? undefined : cleaned;
}
