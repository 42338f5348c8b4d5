import { extractAnswer } from "./extract.ts";
import type { Answerer } from "./turn.ts";

/** Answers without a model, with up to three sentences of the passages; sentence by sentence. */
export const extractiveAnswerer: Answerer = async function* ({ question, borrowed, retrieved }) {
  const { answer } = extractAnswer({ text: question, borrowed }, retrieved);
  if (answer === undefined) return;
  for (const text of answer.deltas) yield { kind: "delta", text };
  yield { kind: "sources", sourceAttributions: answer.sourceAttributions };
};
