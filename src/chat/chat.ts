/**
 * From a question and the passages a viewer may see to an answer with source attributions.
 *
 * Words: a *turn* is one question and its reply; a *unit* is the smallest part of a passage that
 * an answer shows (a sentence, list item, table row, code block); a *piece* is a unit as shown; a
 * *segment* is where a piece stands in the answer. *Confidence* is the fitted probability that the
 * passages answer the question at all; below `confidenceMin` the reply is the no-answer text.
 *
 * Not here: finding passages (search), who may see them (search), conversations as the API lists
 * them, the wire's event frames (wire).
 *
 *     for await (const event of answerTurn({ …, answerer: extractiveAnswerer })) send(event);
 */
export { blockedPhraseIn, noBlockedPhrases, refusalText } from "./blocked-phrases.ts";
export type { BlockedPhrases } from "./blocked-phrases.ts";
export { confidenceMin, extractAnswer } from "./extract.ts";
export type { Extracted } from "./extract.ts";
export { extractiveAnswerer } from "./extractive-answerer.ts";
export type { Exchange } from "./follow-up.ts";
export type {
  PassageSource,
  Retrieved,
  SourceAttribution,
  SourcePassage,
  TermStatistics,
  TextSegment,
} from "./passages.ts";
export { scoreConfidences } from "./relevance.ts";
export type { ScoreConfidence } from "./relevance.ts";
export { answerTurn, noAnswerText, passagesAsked } from "./turn.ts";
export type { Answerer, AnswerPart, Ask, Retrieve, Turn, TurnEvent, TurnMetadata } from "./turn.ts";
