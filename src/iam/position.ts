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

/** Turns an offset into line and column. Linear in the offset: for messages, not for hot paths. */
export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let lineStart = 0;
  for (;;) {
    const next = text.indexOf("\n", lineStart);
    if (next < 0 || next >= offset) break;
    line += 1;
    lineStart = next + 1;
  }
  return { line, column: offset - lineStart, offset };
}

export function rangeOf(text: string, span: Span): Range {
  return { start: positionAt(text, span.start), end: positionAt(text, span.end) };
}
