import type { Bounds, QueryShape } from "../contract/contract.ts";

const integerMax = 2 ** 31 - 1;
const patterns = new Map<string, RegExp>();

/**
 * Which constraint a text breaks, in the wording that AWS services share, or undefined. Lengths
 * count UTF-16 units as Java does; the pattern never sees more than the longest legal text, and
 * every pattern of the contract runs in linear time.
 */
export function textFault(
  text: string,
  { length, pattern }: Extract<QueryShape, { readonly type: "string" }>,
): string | undefined {
  const wrongLength = boundsFault(text.length, length, "Member must have length");
  if (wrongLength !== undefined) return wrongLength;
  if (pattern === undefined || compiled(pattern).test(text)) return undefined;
  return `Member must satisfy regular expression pattern: ${pattern}`;
}

/** The whole number that a text is, or the constraint that it breaks. */
export function readInteger(text: string, range: Bounds | undefined): number | string {
  if (!/^-?\d{1,12}$/.test(text)) return "Member must be a whole number";
  const value = Number(text);
  if (Math.abs(value) > integerMax) return "Member must have 32 bits";
  return boundsFault(value, range, "Member must have value") ?? value;
}

/** The fault of a count or a value outside of its bounds. */
export function boundsFault(
  value: number,
  bounds: Bounds | undefined,
  words: string,
): string | undefined {
  const [min, max] = bounds ?? [null, null];
  if (min !== null && value < min) return `${words} greater than or equal to ${min}`;
  return max !== null && value > max ? `${words} less than or equal to ${max}` : undefined;
}

function compiled(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const made = new RegExp(`^(?:${pattern})$`, "u");
  patterns.set(pattern, made);
  return made;
}
