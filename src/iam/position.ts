import type { Span } from "./json-reader.ts";

/** Line counts from one, column and offset from zero: the form IAM Access Analyzer uses. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** Answers where an offset is. The text is looked through once, so many questions stay cheap. */
export type Places = (offset: number) => Position;

export function placesIn(text: string): Places {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1))
    lineStarts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (lineStarts[low] ?? 0), offset };
  };
}

/** Turns an offset into line and column; for a single question. */
export function positionAt(text: string, offset: number): Position {
  return placesIn(text)(offset);
}

export function rangeOf(places: Places, { start, end }: Span): Range {
  return { start: places(start), end: places(end) };
}
