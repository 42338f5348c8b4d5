// A JSON reader for policy documents. The built-in parser hides duplicate members, stops at the
// first fault and knows no positions; an author who pastes a broken example needs all three.

/** Offsets into the document, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface JsonMember {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: JsonNode;
}

/** A value with its place. Numbers keep their text: policies compare them as written. */
export type JsonNode =
  | { readonly type: "object"; readonly members: readonly JsonMember[]; readonly span: Span }
  | { readonly type: "array"; readonly items: readonly JsonNode[]; readonly span: Span }
  | { readonly type: "string" | "number" | "boolean"; readonly text: string; readonly span: Span }
  | { readonly type: "null"; readonly span: Span };

export interface JsonFault {
  readonly message: string;
  readonly span: Span;
}

export interface JsonReading {
  /** Present whenever something could be read, also beside faults. */
  readonly root: JsonNode | undefined;
  readonly faults: readonly JsonFault[];
}

const depthMax = 32;
const faultsMax = 50;

/** Thrown inside the reader where no sensible guess about the author's intention is left. */
class Unreadable extends Error {}

interface Reader {
  readonly text: string;
  readonly faults: JsonFault[];
  at: number;
  depth: number;
}

/**
 * Reads a JSON document and reports every fault it can recover from (doubled, trailing and
 * missing commas, repeated members, control characters in strings), not only the first.
 * The cost is linear in the text; nesting beyond 32 levels and more than 50 faults end the reading.
 */
export function readJson(text: string): JsonReading {
  const reader: Reader = { text, faults: [], at: 0, depth: 0 };
  let root: JsonNode | undefined;
  try {
    root = readValue(reader);
    skipSpace(reader);
    if (reader.at < text.length) fault(reader, "text after the end of the document", reader.at);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  return { root, faults: reader.faults };
}

function fault(reader: Reader, message: string, start: number, end = start + 1): void {
  if (reader.faults.length >= faultsMax) throw new Unreadable();
  reader.faults.push({ message, span: { start, end: Math.min(end, reader.text.length) } });
}

function giveUp(reader: Reader, message: string): never {
  fault(reader, message, reader.at);
  throw new Unreadable();
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const code = reader.text.charCodeAt(reader.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    reader.at += 1;
  }
}

function readValue(reader: Reader): JsonNode {
  skipSpace(reader);
  const char = reader.text[reader.at];
  if (char === undefined) return giveUp(reader, "the document ends where a value should be");
  if (char === "{") return nested(reader, readObject);
  if (char === "[") return nested(reader, readArray);
  if (char === '"') return readString(reader);
  return readWord(reader);
}

function nested(reader: Reader, read: (reader: Reader) => JsonNode): JsonNode {
  if (reader.depth >= depthMax) return giveUp(reader, `more than ${depthMax} levels of nesting`);
  reader.depth += 1;
  const node = read(reader);
  reader.depth -= 1;
  return node;
}

function readObject(reader: Reader): JsonNode {
  const start = reader.at;
  const members: JsonMember[] = [];
  const names = new Set<string>();
  readItems(reader, "}", () => {
    if (reader.text[reader.at] !== '"') giveUp(reader, "a member name in double quotes is missing");
    const { text: name, span: nameSpan } = readString(reader);
    if (names.has(name)) fault(reader, `"${name}" occurs twice`, nameSpan.start, nameSpan.end);
    names.add(name);
    skipSpace(reader);
    if (reader.text[reader.at] === ":") reader.at += 1;
    else fault(reader, `a colon is missing after "${name}"`, reader.at);
    members.push({ name, nameSpan, value: readValue(reader) });
  });
  return { type: "object", members, span: { start, end: reader.at } };
}

function readArray(reader: Reader): JsonNode {
  const start = reader.at;
  const items: JsonNode[] = [];
  readItems(reader, "]", () => items.push(readValue(reader)));
  return { type: "array", items, span: { start, end: reader.at } };
}

/** Reads what stands between brackets; commas are where authors of examples slip most often. */
function readItems(reader: Reader, close: "}" | "]", readItem: () => void): void {
  reader.at += 1;
  let commaAt = -1;
  let isFirst = true;
  for (;;) {
    skipSpace(reader);
    const char = reader.text[reader.at];
    if (char === undefined) giveUp(reader, `"${close}" is missing at the end of the document`);
    if (char === close) {
      if (commaAt >= 0) fault(reader, `a comma stands before "${close}"`, commaAt);
      reader.at += 1;
      return;
    }
    if (char === ",") {
      if (isFirst || commaAt >= 0) fault(reader, "unexpected comma", reader.at);
      else commaAt = reader.at;
      reader.at += 1;
      continue;
    }
    if (char === "]" || char === "}") giveUp(reader, `"${close}" was expected, not "${char}"`);
    if (!isFirst && commaAt < 0) fault(reader, "a comma is missing", reader.at);
    commaAt = -1;
    isFirst = false;
    readItem();
  }
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function readString(reader: Reader): { type: "string"; text: string; span: Span } {
  const { text } = reader;
  const start = reader.at;
  let value = "";
  let from = start + 1;
  for (let at = from; ; at += 1) {
    const code = text.charCodeAt(at);
    if (Number.isNaN(code)) {
      reader.at = start;
      giveUp(reader, "the string has no closing quote");
    }
    if (code === 0x22) {
      reader.at = at + 1;
      value += text.slice(from, at);
      return { type: "string", text: value, span: { start, end: at + 1 } };
    }
    if (code < 0x20) fault(reader, "a control character stands in a string", at);
    if (code !== 0x5c) continue;
    const escape = readEscape(reader, at);
    value += text.slice(from, at) + escape.value;
    at += escape.length - 1;
    from = at + 1;
  }
}

function readEscape(reader: Reader, at: number): { value: string; length: number } {
  const letter = reader.text[at + 1] ?? "";
  const plain = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
  if (plain !== undefined) return { value: plain, length: 2 };
  const hex = reader.text.slice(at + 2, at + 6);
  if (letter === "u" && hex.length === 4 && [...hex].every((digit) => hexDigits.includes(digit))) {
    return { value: String.fromCharCode(Number.parseInt(hex, 16)), length: 6 };
  }
  fault(reader, "unknown escape in a string", at, at + 2);
  return { value: "", length: letter === "" || letter === '"' ? 1 : 2 };
}

const hexDigits = "0123456789abcdefABCDEF";
const wordEnds = ' \t\r\n,:[]{}"';

function readWord(reader: Reader): JsonNode {
  const start = reader.at;
  let end = start;
  while (end < reader.text.length && !wordEnds.includes(reader.text[end] ?? " ")) end += 1;
  if (end === start) return giveUp(reader, `unexpected "${reader.text[start] ?? ""}"`);
  reader.at = end;
  const text = reader.text.slice(start, end);
  const span = { start, end };
  if (text === "null") return { type: "null", span };
  if (text === "true" || text === "false") return { type: "boolean", text, span };
  if (!isNumber(text)) fault(reader, `"${text.slice(0, 40)}" is no JSON value`, start, end);
  return { type: "number", text, span };
}

/** JSON's number grammar, one character at a time. */
function isNumber(text: string): boolean {
  let at = text[0] === "-" ? 1 : 0;
  const digits = (): number => {
    const from = at;
    while (at < text.length && "0123456789".includes(text[at] ?? "x")) at += 1;
    return at - from;
  };
  const startsWithZero = text[at] === "0";
  const whole = digits();
  if (whole === 0 || (startsWithZero && whole > 1)) return false;
  if (text[at] === ".") {
    at += 1;
    if (digits() === 0) return false;
  }
  if (text[at] === "e" || text[at] === "E") {
    at += 1;
    if (text[at] === "+" || text[at] === "-") at += 1;
    if (digits() === 0) return false;
  }
  return at === text.length;
}
