// Stemming after M. F. Porter, "An algorithm for suffix stripping" (1980): five steps, each a table
// of suffixes; the longest suffix that fits decides. "m" is the number of vowel-consonant
// sequences before the suffix.

type Rule = readonly [suffix: string, replacement: string];

const step2: readonly Rule[] = [
  ["ational", "ate"],
  ["ization", "ize"],
  ["iveness", "ive"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["tional", "tion"],
  ["biliti", "ble"],
  ["entli", "ent"],
  ["ousli", "ous"],
  ["ation", "ate"],
  ["alism", "al"],
  ["aliti", "al"],
  ["iviti", "ive"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["izer", "ize"],
  ["alli", "al"],
  ["ator", "ate"],
  // The author's own later correction of the published "abli" and his addition of "logi".
  ["logi", "log"],
  ["bli", "ble"],
  ["eli", "e"],
];

const step3: readonly Rule[] = [
  ["icate", "ic"],
  ["ative", ""],
  ["alize", "al"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ness", ""],
  ["ful", ""],
];

const step4: readonly string[] =
  "ement ance ence able ible ment ant ent ism ate iti ous ive ize ion al er ic ou".split(" ");

const vowels = new Set("aeiou");

/** Whether the letter at `i` is a consonant; "y" is one at the start and after a vowel. */
function isConsonant(word: string, i: number): boolean {
  const letter = word[i] ?? "";
  if (vowels.has(letter)) return false;
  return letter !== "y" || i === 0 || !isConsonant(word, i - 1);
}

function measure(stem: string): number {
  let count = 0;
  let afterVowel = false;
  let consonant = true;
  for (let i = 0; i < stem.length; i += 1) {
    // Inlined isConsonant: a run of "y" must not cost quadratic time.
    const letter = stem[i] ?? "";
    consonant = !vowels.has(letter) && (letter !== "y" || i === 0 || !consonant);
    if (consonant && afterVowel) count += 1;
    afterVowel = !consonant;
  }
  return count;
}

function hasVowel(stem: string): boolean {
  for (let i = 0; i < stem.length; i += 1) if (!isConsonant(stem, i)) return true;
  return false;
}

function endsDouble(word: string): boolean {
  const end = word.length - 1;
  return end > 0 && word[end] === word[end - 1] && isConsonant(word, end);
}

/** consonant-vowel-consonant at the end, the last one not w, x or y: "hop", not "snow". */
function endsShort(word: string): boolean {
  const end = word.length - 1;
  if (end < 2 || "wxy".includes(word[end] ?? "")) return false;
  return isConsonant(word, end) && !isConsonant(word, end - 1) && isConsonant(word, end - 2);
}

function plurals(word: string): string {
  if (word.endsWith("sses") || word.endsWith("ies")) return word.slice(0, -2);
  if (word.endsWith("s") && !word.endsWith("ss")) return word.slice(0, -1);
  return word;
}

function pastAndGerund(word: string): string {
  if (word.endsWith("eed")) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const suffix = ["ed", "ing"].find((ending) => word.endsWith(ending));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (!hasVowel(stem)) return word;
  if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) return `${stem}e`;
  if (endsDouble(stem) && !"lsz".includes(stem.at(-1) ?? "")) return stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

function replaceLongest(word: string, rules: readonly Rule[]): string {
  for (const [suffix, replacement] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, -suffix.length);
    return measure(stem) > 0 ? stem + replacement : word;
  }
  return word;
}

function dropLongest(word: string): string {
  for (const suffix of step4) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, -suffix.length);
    if (suffix === "ion" && !stem.endsWith("s") && !stem.endsWith("t")) return word;
    return measure(stem) > 1 ? stem : word;
  }
  return word;
}

function tidyEnd(word: string): string {
  let result = word;
  if (result.endsWith("e")) {
    const stem = result.slice(0, -1);
    const m = measure(stem);
    if (m > 1 || (m === 1 && !endsShort(stem))) result = stem;
  }
  return result.endsWith("ll") && measure(result) > 1 ? result.slice(0, -1) : result;
}

/** The Porter stem of a word of lower-case a-z: `running` -> `run`, `relational` -> `relat`. */
export function porterStem(word: string): string {
  if (word.length <= 2) return word;
  let result = pastAndGerund(plurals(word));
  if (result.endsWith("y") && hasVowel(result.slice(0, -1))) result = `${result.slice(0, -1)}i`;
  return tidyEnd(dropLongest(replaceLongest(replaceLongest(result, step2), step3)));
}
