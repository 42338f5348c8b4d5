/** What an application's chat controls say about blocked phrases. */
export type BlockedPhrases = {
  readonly phrases: readonly string[];
  /** Shown instead of a blocked answer; the stock refusal when absent or empty. */
  readonly systemMessageOverride?: string;
};

/** No phrase is blocked. */
export const noBlockedPhrases: BlockedPhrases = { phrases: [] };

// The service publishes no wording for this one; the text is ours.
const stockRefusal = "I can't help with this request because of a rule set by your administrator.";

// Words of these scripts stand side by side without spaces, so there is no boundary to ask for.
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
const wordCharacter = /[\p{L}\p{N}\p{M}_]/u;

/**
 * The first of the phrases that stands in the text, or nothing. Case, compatibility forms (NFKC),
 * runs of white space and invisible format characters make no difference; a phrase that begins or
 * ends with a letter or digit must begin or end at a word's edge. ("Using global controls" names
 * the feature; its matching rule is unpublished, so this one is ours.)
 */
export function blockedPhraseIn(text: string, phrases: readonly string[]): string | undefined {
  if (phrases.length === 0) return undefined;
  const folded = fold(text);
  return phrases.find((phrase) => contains(folded, fold(phrase)));
}

/** The reply that replaces a blocked question or answer. */
export function refusalText(blocked: BlockedPhrases): string {
  return blocked.systemMessageOverride || stockRefusal;
}

/** The form in which phrases and texts are compared. */
export function fold(text: string): string {
  // Zero-width characters and soft hyphens would otherwise split a phrase unseen; they go first, as
  // what they kept apart may compose.
  const seen = text.normalize("NFKC").replace(/\p{Cf}/gu, "");
  // By way of upper case: it unites letters that lower case alone keeps apart, such as "ß" and "ss".
  // The lower case before it is for "ẞ", whose upper case is itself.
  const cased = seen.toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
  return cased.replace(/[\s\p{Z}]+/gu, " ").trim();
}

function contains(folded: string, phrase: string): boolean {
  if (phrase === "") return false;
  for (let at = folded.indexOf(phrase); at !== -1; at = folded.indexOf(phrase, at + 1)) {
    const end = at + phrase.length;
    const startsFree = isBoundary(lastOf(folded, at), firstOf(phrase, 0));
    if (startsFree && isBoundary(firstOf(folded, end), lastOf(phrase, phrase.length))) return true;
  }
  return false;
}

function isBoundary(outside: string, inside: string): boolean {
  if (spaceless.test(inside) || !wordCharacter.test(inside)) return true;
  return !wordCharacter.test(outside);
}

/** The code point that begins at `at`, or "" at the end. */
function firstOf(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** The code point that ends before `end`, or "" at the start. */
function lastOf(text: string, end: number): string {
  const pair = text.slice(Math.max(0, end - 2), end);
  const code = pair.codePointAt(0) ?? 0;
  return code > 0xffff ? pair : pair.slice(-1);
}
