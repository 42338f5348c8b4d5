import { isSpaceAt } from "./white-space.ts";

/** A sentence and where it stands: `text === whole.slice(begin, end)`. */
export type Sentence = {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
};

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
// The segmenter's work grows faster than its input on some texts; windows keep it linear.
const windowLength = 16_384;
const plainSentence = /^[^.!?\u0080-\uffff]*[.!?]?\s*$/;

// A full stop after these never ends a sentence.
const titles = new Set(
  "dr mr mrs ms prof st vs cf e.g i.e viz approx dept gen col lt sgt capt rev hon mt resp incl".split(
    " ",
  ),
);
// After these only when a number follows ("No. 5", "Fig. 3", "Jan. 12").
const beforeNumbers = new Set(
  "no nos fig figs sec secs eq eqs art arts vol vols p pp ch chap para tab app nr ziff abs jan feb mar apr jun jul aug sep sept oct nov dec".split(
    " ",
  ),
);

/**
 * Splits text into sentences with their places, white space at the ends left out. Abbreviations,
 * initials and soft line breaks do not end a sentence; empty lines, list items and table rows do.
 * Nothing but white space falls between two sentences.
 *
 * `sentences("Ask Dr. Li. She knows.")` is `Ask Dr. Li.` and `She knows.`
 */
export function sentences(text: string): readonly Sentence[] {
  const found: Sentence[] = [];
  let begin = 0;
  while (begin < text.length) {
    const end = hardBreak(text, begin);
    splitParagraph(text, begin, end, found);
    begin = end;
  }
  return found;
}

/** Where the run of lines that belong together ends: after a line break that is not a soft one. */
function hardBreak(text: string, begin: number): number {
  let lineBegin = begin;
  for (;;) {
    const feed = text.indexOf("\n", lineBegin);
    if (feed === -1) return text.length;
    if (!isSoftBreak(text, lineBegin, feed)) return feed + 1;
    lineBegin = feed + 1;
  }
}

/** Whether the line break at `feed` was only put there to keep lines short. */
function isSoftBreak(text: string, lineBegin: number, feed: number): boolean {
  // A short line was not wrapped: it is a heading, an item or an address.
  if (feed - lineBegin < 40) return false;
  if (text[feed - 1] === "|" || text[lineBegin] === "|" || text[lineBegin] === "#") return false;
  return (
    /^[ \t]{0,8}[\p{L}\p{N}("'`*_“‘[]/u.test(text.slice(feed + 1, feed + 11)) &&
    !/^[ \t]{0,8}(?:[*+-]|\d{1,4}[.)])\s/.test(text.slice(feed + 1, feed + 16))
  );
}

function splitParagraph(text: string, begin: number, end: number, found: Sentence[]): void {
  let open: number | undefined;
  let windowBegin = begin;
  while (windowBegin < end) {
    const windowEnd = cutWindow(text, windowBegin, end);
    // Same length, so that places in the window are places in the text.
    const window = text.slice(windowBegin, windowEnd).replaceAll("\n", " ").replaceAll("\r", " ");
    for (const { begin: segmentBegin, length } of segments(window)) {
      const segmentEnd = windowBegin + segmentBegin + length;
      open ??= windowBegin + segmentBegin;
      if (segmentEnd < end && endsWithAbbreviation(text, open, segmentEnd)) continue;
      push(text, open, segmentEnd, found);
      open = undefined;
    }
    windowBegin = windowEnd;
  }
  if (open !== undefined) push(text, open, end, found);
}

/** What the segmenter says; it is not asked where nothing but the end could end a sentence. */
function* segments(window: string): Generator<{ readonly begin: number; readonly length: number }> {
  if (plainSentence.test(window)) {
    yield { begin: 0, length: window.length };
    return;
  }
  for (const { segment, index } of segmenter.segment(window)) {
    yield { begin: index, length: segment.length };
  }
}

/** The end of the next window: behind white space if there is some, never inside a character. */
function cutWindow(text: string, begin: number, end: number): number {
  if (end - begin <= windowLength) return end;
  const latest = begin + windowLength;
  const space = text.lastIndexOf(" ", latest);
  if (space >= begin + windowLength / 2) return space + 1;
  const code = text.charCodeAt(latest);
  return code >= 0xdc00 && code <= 0xdfff ? latest - 1 : latest;
}

function push(text: string, from: number, to: number, found: Sentence[]): void {
  let begin = from;
  let end = to;
  while (begin < end && isSpaceAt(text, begin)) begin += 1;
  while (end > begin && isSpaceAt(text, end - 1)) end -= 1;
  if (begin < end) found.push({ text: text.slice(begin, end), begin, end });
}

function endsWithAbbreviation(text: string, begin: number, end: number): boolean {
  let stop = end;
  while (stop > begin && isSpaceAt(text, stop - 1)) stop -= 1;
  if (stop === end || text[stop - 1] !== ".") return false;
  let word = stop - 1;
  const farthest = Math.max(begin, stop - 12);
  while (word > farthest && /[\p{L}.]/u.test(text.charAt(word - 1))) word -= 1;
  const last = text.slice(word, stop - 1);
  // An initial: "J. Smith". "I" is a word of its own and may well end a sentence.
  if (/^\p{Lu}$/u.test(last)) return last !== "I";
  const key = last.toLowerCase();
  return titles.has(key) || (beforeNumbers.has(key) && /\d/.test(text.charAt(end)));
}
