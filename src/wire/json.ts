import { isUtf8 } from "node:buffer";
import { cannotParse } from "./errors.ts";

/** Levels of objects and lists in one body. The deepest shape of the API needs about ten. */
export const jsonDepthMax = 64;

const quote = 0x22;
const backslash = 0x5c;

/**
 * Parses a body that has to be a JSON object; an empty body is an empty one. Throws
 * ValidationException (CANNOT_PARSE) for broken UTF-8, broken JSON, something else than an object
 * and more than `jsonDepthMax` levels. Depth is measured on the bytes, before anything is built.
 */
export function parseJsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (bytes.length === 0) return {};
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(body)) throw cannotParse("The request body is not valid UTF-8.");
  if (isDeeperThan(body, jsonDepthMax)) {
    throw cannotParse(`The request body is nested deeper than ${jsonDepthMax} levels.`);
  }
  const value = parse(body.toString("utf8"));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw cannotParse("The request body must be a JSON object.");
  }
  return value as Readonly<Record<string, unknown>>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own message repeats parts of the body, which are not for logs.
    if (error instanceof SyntaxError) throw cannotParse("The request body is not valid JSON.");
    throw error;
  }
}

/** Counts brackets outside of strings; of text that is no JSON it may say anything. */
function isDeeperThan(body: Buffer, depthMax: number): boolean {
  let depth = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === quote) {
      at = endOfString(body, at);
      if (at < 0) return false;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
    }
  }
  return false;
}

/** Where the string that opens at `open` closes, or -1. Jumps from quote to quote: blobs are long. */
function endOfString(body: Buffer, open: number): number {
  for (let at = body.indexOf(quote, open + 1); at >= 0; at = body.indexOf(quote, at + 1)) {
    let escapes = 0;
    while (body[at - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return -1;
}
