/**
 * Ports for language models, and the two settings that choose them. Everything works without a
 * model: answers are then extracted from the passages, vectors learnt from the collection.
 *
 * Words: an *answer model* writes text from a prompt; an *embedding model* turns text into vectors;
 * a *provider* is who runs it (an OpenAI-compatible server, Anthropic, Bedrock).
 * Not here: prompts (chat), ranking with vectors (search), and, so far, the providers themselves.
 */
export { parseAnswerModel, parseEmbeddingModel, refusalOf } from "./settings.ts";
export type { ModelSetting, ParsedSetting } from "./settings.ts";

/** One earlier or current contribution to a conversation, as a model is told of it. */
export type ModelMessage = { readonly role: "user" | "assistant"; readonly text: string };

/** What an answer model is asked to continue. */
export type AnswerRequest = {
  /** Instructions that stand above the conversation. */
  readonly instructions: string;
  /** Oldest first; the last one is the user's. */
  readonly messages: readonly ModelMessage[];
  /** Upper limit of the answer, in the model's own tokens. */
  readonly tokensMax: number;
};

/** Writes answers. */
export type AnswerModel = {
  /** As an operator would recognise it, for logs: `openai:qwen3`. Never holds a secret. */
  readonly name: string;
  /**
   * Streams the answer as text deltas: their concatenation is the answer. Rejects when the model
   * fails, and soon after `signal` aborts; stopping the iteration early frees the connection.
   */
  readonly stream: (request: AnswerRequest, signal: AbortSignal) => AsyncIterable<string>;
};

/** Turns texts into vectors. */
export type EmbeddingModel = {
  /** Stored with each vector: vectors of different models cannot be compared. */
  readonly name: string;
  /** Length of every vector. */
  readonly dimensions: number;
  /** One vector of Euclidean length 1 per text, in order. Rejects as a whole, never in part. */
  readonly embed: (
    texts: readonly string[],
    signal: AbortSignal,
  ) => Promise<readonly Float32Array[]>;
};
