/** A set of code points: inclusive ranges, ascending and apart. */
export type CharSet = readonly (readonly [from: number, to: number])[];

const codePointMax = 0x10ffff;

/** The set of the given ranges, in any order and overlapping as they like. */
export function charSet(ranges: CharSet): CharSet {
  const merged: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** Every code point that is not in the set. */
export function complement(set: CharSet): CharSet {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [from, to] of set) {
    if (from > next) rest.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= codePointMax) rest.push([next, codePointMax]);
  return rest;
}

/** The set without one code point. */
export function without(set: CharSet, codePoint: number): CharSet {
  return complement(charSet([...complement(set), [codePoint, codePoint]]));
}

/** Is the code point in the set? */
export function has(set: CharSet, codePoint: number): boolean {
  for (const [from, to] of set) {
    if (codePoint < from) return false;
    if (codePoint <= to) return true;
  }
  return false;
}

/** The set of one character. */
export function only(character: string): CharSet {
  const codePoint = character.codePointAt(0) ?? 0;
  return [[codePoint, codePoint]];
}

/** Every code point. */
export const anyChar: CharSet = [[0, codePointMax]];

/** Every code point but the slash: what a wildcard covers inside one segment of a key. */
export const noSlash: CharSet = complement(only("/"));
