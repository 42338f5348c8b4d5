// Numbers by value and without rounding: account ids and sizes can exceed what a double keeps.

export interface Decimal {
  readonly isNegative: boolean;
  /** Without leading zeros; empty for numbers below one. */
  readonly whole: string;
  /** Without trailing zeros. */
  readonly fraction: string;
}

/** Reads `-12.50`; undefined for anything else, exponents included. */
export function parseDecimal(text: string): Decimal | undefined {
  const isNegative = text.startsWith("-");
  const point = text.indexOf(".");
  const digits = isNegative ? text.slice(1) : text;
  const [whole = "", fraction] = point < 0 ? [digits] : splitAt(digits, digits.indexOf("."));
  if (!isDigits(whole) || (fraction !== undefined && !isDigits(fraction))) return undefined;
  const trimmed = { whole: trimStart(whole), fraction: trimEnd(fraction ?? "") };
  const isZero = trimmed.whole === "" && trimmed.fraction === "";
  return { isNegative: isNegative && !isZero, ...trimmed };
}

/** Negative, zero or positive like a subtraction. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  if (left.isNegative !== right.isNegative) return left.isNegative ? -1 : 1;
  const size = compareSizes(left, right);
  return left.isNegative ? -size : size;
}

function compareSizes(left: Decimal, right: Decimal): number {
  const lengths = left.whole.length - right.whole.length;
  if (lengths !== 0) return lengths;
  return compareTexts(left.whole, right.whole) || compareTexts(left.fraction, right.fraction);
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function splitAt(text: string, at: number): readonly [string, string] {
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Is the text one or more ASCII digits? */
export function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return text.length > 0;
}

function trimStart(digits: string): string {
  let at = 0;
  while (digits[at] === "0") at += 1;
  return digits.slice(at);
}

function trimEnd(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === "0") end -= 1;
  return digits.slice(0, end);
}
