import { countTokens } from "./tokens.ts";
import { isSpaceAt } from "./white-space.ts";

/** A stretch of text, `[begin, end)` in UTF-16 units, with its estimated tokens. */
export type Span = { readonly begin: number; readonly end: number; readonly tokens: number };

// Places inside a long run without spaces where a reader would break: after separators.
const separators = new Set(",;:.!?)]}>|/&\u3001\u3002\uff0c\uff1b\uff01\uff1f\u300d\uff09");
const lookBack = 100;
const clusterMax = 32;

/**
 * Cuts `text[begin, end)` into spans of at most `tokensMax` tokens: at white space where possible,
 * else behind a separator, else between characters, never inside a surrogate pair. Only white space
 * is left out. Takes time linear in the length.
 */
export function cutLong(text: string, begin: number, end: number, tokensMax: number): Span[] {
  const spans: Span[] = [];
  let open: { begin: number; end: number; tokens: number } | undefined;
  for (const word of words(text, begin, end, tokensMax)) {
    if (open !== undefined && open.tokens + word.tokens <= tokensMax) {
      open.end = word.end;
      open.tokens += word.tokens;
      continue;
    }
    if (open !== undefined) spans.push(open);
    open = { ...word };
  }
  if (open !== undefined) spans.push(open);
  return spans;
}

/** Runs without white space, each at most `tokensMax` characters and so at most as many tokens. */
function* words(text: string, begin: number, end: number, tokensMax: number): Generator<Span> {
  let at = begin;
  while (at < end) {
    while (at < end && isSpaceAt(text, at)) at += 1;
    let wordEnd = at;
    while (wordEnd < end && wordEnd - at < tokensMax && !isSpaceAt(text, wordEnd)) wordEnd += 1;
    if (wordEnd < end && !isSpaceAt(text, wordEnd)) wordEnd = softCut(text, at, wordEnd);
    if (wordEnd > at) yield { begin: at, end: wordEnd, tokens: countTokens(text, at, wordEnd) };
    at = wordEnd;
  }
}

function softCut(text: string, begin: number, latest: number): number {
  for (let at = latest; at > Math.max(begin, latest - lookBack); at -= 1) {
    if (separators.has(text.charAt(at - 1))) return characterStart(text, begin, at);
  }
  return characterStart(text, begin, latest);
}

/** The last place at or before `latest` that is not inside what a reader sees as one character. */
function characterStart(text: string, begin: number, latest: number): number {
  for (let at = latest; at > Math.max(begin, latest - clusterMax); at -= 1) {
    if (!joinsBefore(text, at)) return at;
  }
  return isLowSurrogate(text.charCodeAt(latest)) ? latest - 1 : latest;
}

function joinsBefore(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (isLowSurrogate(code) || code === 0x200d || text.charCodeAt(at - 1) === 0x200d) return true;
  // A skin tone belongs to the emoji before it.
  if (code === 0xd83c && text.charCodeAt(at + 1) >= 0xdffb) return true;
  return code >= 0x300 && /^[\p{M}\ufe00-\ufe0f]/u.test(text.charAt(at));
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
