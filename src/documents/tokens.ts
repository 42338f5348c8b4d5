import { isSpaceCode } from "./white-space.ts";

// Character classes of the first 128 code units: 0 white space, 1 letter, 2 digit, 3 other.
const ascii = Uint8Array.from({ length: 128 }, (_, code) => {
  if (isSpaceCode(code)) return 0;
  if (code >= 48 && code <= 57) return 2;
  if ((code >= 65 && code <= 90) || (code >= 97 && code <= 122)) return 1;
  return 3;
});
// How many characters of a run one token holds, by class: words, digits, marks, other alphabets.
const runLength = [Infinity, 7, 3, 2, 3] as const;
const classMark = 3;
const classOther = 4;
const classWide = -1;

/**
 * Estimates how many tokens a language model counts in `text[begin, end)`, in one pass.
 * Words count by length, marks in pairs, other alphabets three characters to a token, CJK one to one.
 * Cutting a text never lowers the sum of its parts below the whole.
 */
export function countTokens(text: string, begin = 0, end = text.length): number {
  let tokens = 0;
  let runClass = 0;
  let run = 0;
  for (let i = begin; i < end; i += 1) {
    const code = text.charCodeAt(i);
    const charClass = code < 128 ? (ascii[code] ?? classMark) : classBeyondAscii(code);
    if (charClass === runClass) {
      run += 1;
      continue;
    }
    tokens += tokensOfRun(runClass, run);
    // A wide character is a token by itself; the run that follows starts afresh.
    if (charClass === classWide) tokens += 1;
    runClass = charClass === classWide ? 0 : charClass;
    run = charClass === classWide ? 0 : 1;
  }
  return tokens + tokensOfRun(runClass, run);
}

function tokensOfRun(runClass: number, run: number): number {
  return runClass === 0 ? 0 : Math.ceil(run / (runLength[runClass] ?? 1));
}

/** Kana, Han, Hangul and their neighbours cost about one token per character. */
function classBeyondAscii(code: number): number {
  if (isSpaceCode(code)) return 0;
  const isWide = (code >= 0x2e80 && code <= 0xd7ff) || (code >= 0xf900 && code <= 0xfaff);
  return isWide ? classWide : classOther;
}
