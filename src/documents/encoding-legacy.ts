/** The most frequent letters of a script and the encoding that old files of it use. */
type Candidate = {
  readonly encoding: string;
  readonly frequent: RegExp;
  readonly shareMin: number;
};

// Two-byte encodings are tried first: a text that is valid in one of them and looks like the
// language is hardly ever anything else. Frequencies are general knowledge of the languages.
const wide: readonly Candidate[] = [
  { encoding: "shift_jis", frequent: /[\u3041-\u30ff]/g, shareMin: 0.15 },
  { encoding: "euc-jp", frequent: /[\u3041-\u30ff]/g, shareMin: 0.15 },
  {
    encoding: "euc-kr",
    frequent: /[이다는을가에의하고지로한기사도인리대자시어나]/g,
    shareMin: 0.2,
  },
  {
    encoding: "gb18030",
    frequent: /[的一是不了在人有我他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生]/g,
    shareMin: 0.1,
  },
  {
    encoding: "big5",
    frequent: /[的一是不了在人有我他這為之大來以個中上們到說國和地也子時道出而要於就下得可你年生]/g,
    shareMin: 0.1,
  },
];
const narrow: readonly Candidate[] = [
  { encoding: "windows-1251", frequent: /[оеаинтсрвл]/g, shareMin: 0.5 },
  { encoding: "koi8-r", frequent: /[оеаинтсрвл]/g, shareMin: 0.5 },
  { encoding: "windows-1253", frequent: /[αοιετσνηρκ]/g, shareMin: 0.5 },
  { encoding: "windows-1255", frequent: /[יוהלאמתרבשנ]/g, shareMin: 0.5 },
  { encoding: "windows-1256", frequent: /[اليمنرتبوهف]/g, shareMin: 0.5 },
];

/**
 * Guesses how bytes that are not UTF-8 are encoded: the encoding in which the non-ASCII letters
 * look most like a language, `windows-1252` when none does. Looks at every byte given, once per
 * candidate.
 */
export function guessLegacyEncoding(sample: Uint8Array): string {
  return (
    best(wide, (candidate) => wideShare(sample, candidate)) ??
    best(isInWords(sample) ? narrow : [], (candidate) =>
      share(new TextDecoder(candidate.encoding).decode(sample), candidate),
    ) ??
    "windows-1252"
  );
}

/** Whether most non-ASCII letters have one next to them, as in every script but Latin. */
function isInWords(sample: Uint8Array): boolean {
  let high = 0;
  let paired = 0;
  for (const [index, byte] of sample.entries()) {
    if (byte < 0x80) continue;
    high += 1;
    if ((sample[index - 1] ?? 0) >= 0x80 || (sample[index + 1] ?? 0) >= 0x80) paired += 1;
  }
  return paired > high * 0.6;
}

function best(
  candidates: readonly Candidate[],
  scoreOf: (candidate: Candidate) => number,
): string | undefined {
  let winner: string | undefined;
  let highest = 0;
  for (const candidate of candidates) {
    const score = scoreOf(candidate);
    if (score >= candidate.shareMin && score > highest) {
      highest = score;
      winner = candidate.encoding;
    }
  }
  return winner;
}

function wideShare(sample: Uint8Array, candidate: Candidate): number {
  const text = new TextDecoder(candidate.encoding).decode(sample);
  const broken = text.match(/\ufffd/g)?.length ?? 0;
  // One is forgiven: the sample may end inside a character.
  return broken > 1 + text.length / 500 ? 0 : share(text, candidate);
}

/** Share of the frequent letters among all letters that are not ASCII. */
function share(text: string, candidate: Candidate): number {
  const letters = text.match(/[^\0-\u007f]/g)?.length ?? 0;
  return letters === 0 ? 0 : (text.match(candidate.frequent)?.length ?? 0) / letters;
}
