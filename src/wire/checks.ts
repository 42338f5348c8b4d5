import type { Bounds, Limit } from "../contract/contract.ts";

/** Says which constraint a value breaks, in the service's words, or undefined when none. */
export type Check<Value> = (value: Value) => string | undefined;

/**
 * Length in code points, then the pattern. The order matters: a pattern never sees more text than
 * the longest legal one. Every pattern of the contract runs in linear time (a test times them).
 */
export function textCheck(limit: Limit): Check<string> {
  const checkLength = limit.length && sizeCheck(limit.length);
  // Patterns are published for whole strings and count in code points, hence the flag.
  const pattern = limit.pattern === undefined ? undefined : new RegExp(limit.pattern, "u");
  const shown = limit.pattern?.replace(/^\^/, "").replace(/\$$/, "");
  return (text) => {
    const wrongLength = checkLength?.(codePointsBetween(text, limit.length));
    if (wrongLength !== undefined) return wrongLength;
    if (pattern === undefined || pattern.test(text)) return undefined;
    return `Member must satisfy regular expression pattern: ${shown}`;
  };
}

/** Counts code points, but only as far as the bounds need it. */
function codePointsBetween(text: string, bounds: Bounds | undefined): number {
  const units = text.length;
  const [min, max] = bounds ?? [null, null];
  // A code point has one or two units, so most texts need no counting.
  const fits = (min === null || units >= min * 2) && (max === null || units <= max);
  if (fits || (max !== null && units > max * 2)) return units;
  let count = units;
  for (let at = 0; at < units - 1; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(at + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      count -= 1;
      at += 1;
    }
  }
  return count;
}

/** The number of characters, items or entries. */
export function sizeCheck(bounds: Bounds): Check<number> {
  return boundsCheck(bounds, "Member must have length ");
}

/** Whole numbers of the limit's size in its range; any finite number when it has no size. */
export function numberCheck(limit: Limit): Check<number> {
  const checkRange = limit.range && boundsCheck(limit.range, "Member must be ");
  // JSON numbers are doubles here: above 2^53 a 64-bit number would silently change its value.
  const largest = limit.bits === 32 ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER;
  const smallest = limit.bits === 32 ? -(2 ** 31) : Number.MIN_SAFE_INTEGER;
  return (value) => {
    if (limit.bits !== undefined && !Number.isInteger(value))
      return "Member must be a whole number";
    const wrongRange = checkRange?.(value);
    if (wrongRange !== undefined || limit.bits === undefined) return wrongRange;
    if (value > largest) return `Member must be less than or equal to ${largest}`;
    return value < smallest ? `Member must be greater than or equal to ${smallest}` : undefined;
  };
}

function boundsCheck([min, max]: Bounds, words: string): Check<number> {
  return (value) => {
    if (min !== null && value < min) return `${words}greater than or equal to ${min}`;
    return max !== null && value > max ? `${words}less than or equal to ${max}` : undefined;
  };
}
