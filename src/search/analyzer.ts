// Text to terms, the same way for documents and for questions. The scanner works by character
// class, one step at a time: no regular expression runs over untrusted text.
import { porterStem } from "./porter.ts";
import { stopWords } from "./stop-words.ts";

/** One word of a text. `begin` and `end` are UTF-16 offsets into the text as it was given. */
export type Token = {
  /** What is indexed and compared: folded and stemmed. */
  readonly term: string;
  readonly begin: number;
  readonly end: number;
  readonly isStopWord: boolean;
};

/** A longer word is cut: such words are encoded data, and nobody types them. */
export const termCharactersMax = 64;

/** What a word becomes; the same for all its occurrences. */
type Word = { readonly term: string; readonly isStopWord: boolean };

// Text repeats its words: what was found out about one is kept, for a while.
const cacheMax = 50_000;
const words = new Map<string, Word>();

/**
 * The words of a text, in order, with their offsets.
 *
 * Letters and digits make words; everything else separates, except an apostrophe between letters
 * (`don't` -> `dont`, `company's` -> `compani`) and a comma that groups digits (`5,500` -> `5500`).
 * Scripts that do not separate words (Chinese, Japanese, Korean, Thai, …) give overlapping pairs
 * of characters. Upper case, accents and compatibility forms are folded, English endings stemmed.
 *
 *     tokenize("The Cafés") // [{ term: "the", begin: 0, end: 3, isStopWord: true },
 *                           //  { term: "cafe", begin: 4, end: 9, isStopWord: false }]
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  scan(text, (begin, end) => {
    const { term, isStopWord } = wordOf(text.slice(begin, end));
    if (term !== "") tokens.push({ term, begin, end, isStopWord });
  });
  return tokens;
}

/** Only the terms of a text, stop words included, in order: what the index counts. */
export function termsOf(text: string): readonly string[] {
  const terms: string[] = [];
  scan(text, (begin, end) => {
    const { term } = wordOf(text.slice(begin, end));
    if (term !== "") terms.push(term);
  });
  return terms;
}

/** The indexed form of a folded word. Words with anything but a-z in them stay as they are. */
export function stem(word: string): string {
  if (word.length > termCharactersMax) return word.slice(0, termCharactersMax);
  return isPlainLatin(word) ? porterStem(word) : word;
}

function wordOf(raw: string): Word {
  const known = words.get(raw);
  if (known !== undefined) return known;
  const folded = foldWord(raw);
  const isStopWord = stopWords.has(folded);
  const word = { term: isStopWord ? folded : stem(folded), isStopWord };
  // The cache is dropped whole, which costs less than keeping an order.
  if (words.size >= cacheMax) words.clear();
  if (raw.length <= termCharactersMax) words.set(raw, word);
  return word;
}

/** Folds case, accents and compatibility forms, drops apostrophes and digit grouping. */
export function foldWord(raw: string): string {
  let word = raw.toLowerCase();
  if (!isAscii(word)) {
    // Only the accents of Latin, Greek and Cyrillic go: in other scripts marks are vowels.
    word = word
      .normalize("NFKD")
      .replace(/[\u0300-\u036f]/g, "")
      .normalize("NFC")
      .toLowerCase();
  }
  if (word.endsWith("'s") || word.endsWith("’s")) word = word.slice(0, -2);
  return word.replace(/['’,]/g, "").slice(0, termCharactersMax);
}

type Visit = (begin: number, end: number) => void;

function scan(text: string, visit: Visit): void {
  let at = 0;
  while (at < text.length) {
    const kind = kindAt(text, at);
    if (kind === "word") {
      const end = wordEnd(text, at);
      visit(at, end);
      at = end;
    } else if (kind === "dense") at = visitPairs(text, at, visit);
    else at += widthAt(text, at);
  }
}

function wordEnd(text: string, begin: number): number {
  let at = begin;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code < 128 ? asciiWord[code] === 1 : kindAt(text, at) === "word") {
      at += code < 128 ? 1 : widthAt(text, at);
    } else if (isJoiner(text, at)) at += 1;
    else return at;
  }
  return at;
}

/** An apostrophe between letters, or a comma between a digit and exactly three more. */
function isJoiner(text: string, at: number): boolean {
  const mark = text[at];
  if (mark === "'" || mark === "’") {
    return isLetterOnly(text, at - 1) && isLetterOnly(text, at + 1);
  }
  if (mark !== "," || !isDigit(text, at - 1)) return false;
  return [1, 2, 3].every((step) => isDigit(text, at + step)) && !isDigit(text, at + 4);
}

function visitPairs(text: string, begin: number, visit: Visit): number {
  let previous = begin;
  let at = begin + widthAt(text, begin);
  if (at >= text.length || kindAt(text, at) !== "dense") visit(begin, at);
  while (at < text.length && kindAt(text, at) === "dense") {
    const end = at + widthAt(text, at);
    visit(previous, end);
    previous = at;
    at = end;
  }
  return at;
}

type Kind = "word" | "dense" | "other";

const asciiWord = Uint8Array.from({ length: 128 }, (_, code) =>
  /[0-9A-Za-z]/.test(String.fromCharCode(code)) ? 1 : 0,
);
const denseScript =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const wordCharacter = /[\p{L}\p{N}\p{M}]/u;

function kindAt(text: string, at: number): Kind {
  const code = text.charCodeAt(at);
  if (code < 128) return asciiWord[code] === 1 ? "word" : "other";
  return kindOfCodePoint(text.codePointAt(at) ?? 0);
}

const kinds = new Map<number, Kind>();

function kindOfCodePoint(codePoint: number): Kind {
  let kind = kinds.get(codePoint);
  if (kind === undefined) {
    const character = String.fromCodePoint(codePoint);
    if (!wordCharacter.test(character)) kind = "other";
    else kind = denseScript.test(character) ? "dense" : "word";
    // There are 1.1 million code points; a hostile text may hold them all.
    if (kinds.size >= cacheMax) kinds.clear();
    kinds.set(codePoint, kind);
  }
  return kind;
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function isLetterOnly(text: string, at: number): boolean {
  return at >= 0 && at < text.length && kindAt(text, at) === "word" && !isDigit(text, at);
}

function isAscii(word: string): boolean {
  for (let i = 0; i < word.length; i += 1) if (word.charCodeAt(i) > 127) return false;
  return true;
}

function isPlainLatin(word: string): boolean {
  for (let i = 0; i < word.length; i += 1) {
    const code = word.charCodeAt(i);
    if (code < 97 || code > 122) return false;
  }
  return true;
}
