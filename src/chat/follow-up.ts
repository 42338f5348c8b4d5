import { tokenize } from "./words.ts";

/** One earlier exchange of a conversation. */
export type Exchange = { readonly question: string; readonly answer: string };

// From how many terms of its own a question stands alone; with a reference back it needs more. On
// the conversations of MT-RAG larger numbers found less: most follow-ups name what they are about.
const termsAlone = 1;
const termsAloneReferring = 3;
const exchangesBack = 3;
const borrowedMax = 12;

const refersBack =
  /\b(?:it|its|they|them|their|theirs|this|that|these|those|he|she|him|his|her|former|latter)\b|^\s*(?:and|also|but|or|so|then|why|what about|how about)\b/i;

/**
 * The words a follow-up question leaves unsaid: the terms of the question before it, and of those
 * before that as long as they are follow-ups themselves. Empty for a question that stands alone:
 * one with a term of its own, or with three where it refers back ("its", "that", "and …").
 *
 * `borrowedWords("And in Berlin?", [{ question: "How many days of leave do I get?", … }])` is
 * `days leave get`.
 */
export function borrowedWords(question: string, history: readonly Exchange[]): string {
  const words: string[] = [];
  let current = question;
  for (const { question: earlier } of history.slice(-exchangesBack).reverse()) {
    if (standsAlone(current)) break;
    words.push(...contentWords(earlier));
    current = earlier;
  }
  return words.slice(0, borrowedMax).join(" ");
}

function standsAlone(question: string): boolean {
  const own = new Set(
    tokenize(question)
      .filter((token) => !token.isStopWord)
      .map((t) => t.term),
  );
  return own.size >= (refersBack.test(question) ? termsAloneReferring : termsAlone);
}

function contentWords(text: string): readonly string[] {
  const tokens = tokenize(text).filter((token) => !token.isStopWord);
  return tokens.map(({ begin, end }) => text.slice(begin, end));
}
