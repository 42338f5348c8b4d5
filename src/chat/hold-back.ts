import { blockedPhraseIn, fold } from "./blocked-phrases.ts";

/** A piece of answer that may leave the server, or the news that a phrase forbids the rest. */
export type Released =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "blocked"; readonly phrase: string };

/**
 * Passes an answer on as it is written, except for a tail that is longer than the longest blocked
 * phrase: so no phrase leaves in part before it can be recognised. Ends with `blocked` when one is
 * found. Without phrases every delta passes at once.
 */
export async function* holdBack(
  deltas: AsyncIterable<string>,
  phrases: readonly string[],
): AsyncGenerator<Released> {
  const tailLength = Math.max(0, ...phrases.map((phrase) => fold(phrase).length)) + 1;
  let held = "";
  for await (const delta of deltas) {
    held += delta;
    // A match at the very end is undecided ("art" may become "article"); the letter hides it.
    const phrase = blockedPhraseIn(`${held}x`, phrases);
    if (phrase !== undefined) return yield { kind: "blocked", phrase };
    const cut = phrases.length === 0 ? held.length : cutBefore(held, tailLength);
    if (cut > 0) yield { kind: "text", text: held.slice(0, cut) };
    held = held.slice(cut);
  }
  const phrase = blockedPhraseIn(held, phrases);
  if (phrase !== undefined) yield { kind: "blocked", phrase };
  else if (held !== "") yield { kind: "text", text: held };
}

/**
 * Where to cut so that the rest, folded, is at least `length` long; 0 when nowhere. The cut lies
 * beside white space or a full stop of a script without spaces: so what was released ends with a
 * whole word, and what is held can be judged without knowing what stood before.
 */
function cutBefore(text: string, length: number): number {
  for (let back = length; back < text.length; back *= 2) {
    let cut = text.length - back;
    while (cut > 0 && !/^(?:.\s|[。！？])/su.test(text.slice(cut - 1, cut + 1))) cut -= 1;
    if (cut === 0 || fold(text.slice(cut)).length >= length) return cut;
  }
  return 0;
}
