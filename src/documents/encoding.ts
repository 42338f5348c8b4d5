import { guessLegacyEncoding } from "./encoding-legacy.ts";

/** Bytes turned into text. */
export type Decoded = {
  readonly text: string;
  readonly encoding: string;
  readonly warnings: readonly string[];
};

const byteOrderMarks: readonly { readonly mark: readonly number[]; readonly encoding: string }[] = [
  { mark: [0xef, 0xbb, 0xbf], encoding: "utf-8" },
  { mark: [0xff, 0xfe], encoding: "utf-16le" },
  { mark: [0xfe, 0xff], encoding: "utf-16be" },
];
// A file that is UTF-8 but for at most this share of its non-ASCII bytes is taken as damaged UTF-8.
const damagedShareMax = 0.1;
const sampleBytes = 65_536;

/**
 * Decodes text: a byte order mark decides, then valid UTF-8, then what the document declares, then
 * a guess among legacy encodings. NUL characters are dropped, unreadable bytes become U+FFFD, both
 * with a warning. `declared` is any label of the Encoding Standard.
 */
export function decodeText(bytes: Uint8Array, declared?: string): Decoded {
  for (const { mark, encoding } of byteOrderMarks) {
    if (mark.every((byte, index) => bytes[index] === byte)) return finish(bytes, encoding, []);
  }
  const wide = utf16WithoutMark(bytes);
  if (wide !== undefined) return finish(bytes, wide, []);
  const strict = decodeStrictly(bytes, "utf-8");
  if (strict !== undefined) return withoutNul(strict, "utf-8", []);

  const label = declared === undefined ? undefined : knownLabel(declared);
  if (label !== undefined && label !== "utf-8") {
    const text = decodeStrictly(bytes, label);
    if (text !== undefined) return withoutNul(text, label, []);
  }
  if (damagedShare(bytes) <= damagedShareMax) {
    return finish(bytes, "utf-8", ["Some bytes are not valid UTF-8 and were replaced."]);
  }
  const guess = guessLegacyEncoding(bytes.subarray(0, sampleBytes));
  return finish(bytes, guess, [`The text is not UTF-8; it was read as ${guess}.`]);
}

function finish(bytes: Uint8Array, encoding: string, warnings: readonly string[]): Decoded {
  return withoutNul(new TextDecoder(encoding).decode(bytes), encoding, warnings);
}

function withoutNul(text: string, encoding: string, warnings: readonly string[]): Decoded {
  if (!text.includes("\0")) return { text: text.toWellFormed(), encoding, warnings };
  const clean = text.replaceAll("\0", "").toWellFormed();
  return { text: clean, encoding, warnings: [...warnings, "NUL characters were dropped."] };
}

/** The text if every byte is valid in `encoding`. */
export function decodeStrictly(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function knownLabel(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** UTF-16 that is mostly ASCII shows as NUL in every other byte. */
function utf16WithoutMark(bytes: Uint8Array): string | undefined {
  const length = Math.min(bytes.length, 4096) & ~1;
  if (length < 8) return undefined;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) even += 1;
    if (bytes[i + 1] === 0) odd += 1;
  }
  const pairs = length / 2;
  if (odd > pairs * 0.6 && even < pairs * 0.05) return "utf-16le";
  return even > pairs * 0.6 && odd < pairs * 0.05 ? "utf-16be" : undefined;
}

/** Share of the non-ASCII characters of a sample that are not UTF-8. */
function damagedShare(bytes: Uint8Array): number {
  const sample = bytes.subarray(0, 1_000_000);
  let damaged = 0;
  let high = 0;
  for (const character of new TextDecoder("utf-8").decode(sample)) {
    if (character < "\u0080") continue;
    high += 1;
    if (character === "\ufffd") damaged += 1;
  }
  return high === 0 ? 0 : damaged / high;
}
