import type { Extraction } from "../block.ts";
import { DocumentFailure } from "../failure.ts";
import { createRtfBody } from "./rtf-body.ts";
import type { RtfBody } from "./rtf-body.ts";
import { codePages, fontCharsets } from "./rtf-charsets.ts";
import { rtfTokens } from "./rtf-tokens.ts";
import { authoredTitle } from "./title.ts";

/** What a group of braces inherits from the one around it. */
type Group = {
  readonly destination: "body" | "skipped" | "title" | "fonts";
  readonly encoding: string;
  /** How many characters stand in for a Unicode one in old programs. */
  readonly fallbackLength: number;
};

const depthMax = 1000;
const fallbackLengthMax = 8;
// Destinations that hold no text of the document.
const skipped = new Set(
  "colortbl stylesheet listtable listoverridetable revtbl rsidtbl generator pict object fldinst themedata colorschememapping datastore latentstyles xmlnstbl filetbl mmathPr operator author company nonshppict sp sn sv panose falt bkmkstart bkmkend pgptbl objdata".split(
    " ",
  ),
);

/**
 * Reads RTF: control words are removed, text in any code page and in Unicode is kept, table rows
 * stay rows, outline levels become headings. Pictures and embedded objects are skipped. Linear.
 * Source of the syntax: Rich Text Format Specification 1.9.1.
 */
export function readRtf(bytes: Buffer): Extraction {
  const body = createRtfBody();
  const reader = createReader(body);
  for (const token of rtfTokens(bytes)) {
    if (token.kind === "byte") reader.byte(token.byte);
    else if (token.kind === "text") reader.text(token.text);
    else if (token.kind === "word") reader.word(token.word, token.value);
    else reader.brace(token.kind === "open");
  }
  const title = authoredTitle(reader.finish());
  return { ...(title === undefined ? {} : { title }), blocks: body.finish(), warnings: [] };
}

type Reader = {
  readonly byte: (byte: number) => void;
  readonly text: (text: string) => void;
  readonly word: (name: string, value: number | undefined) => void;
  readonly brace: (isOpen: boolean) => void;
  /** The title as written. */
  readonly finish: () => string;
};

/** What control words change in their group. */
const groupChanges: Readonly<Record<string, (value: number) => Partial<Group>>> = {
  uc: (value) => ({ fallbackLength: Math.min(value, fallbackLengthMax) }),
  ansicpg: (value) => (codePages[value] === undefined ? {} : { encoding: codePages[value] }),
  fonttbl: () => ({ destination: "fonts" }),
  info: () => ({ destination: "skipped" }),
  title: () => ({ destination: "title" }),
};

/** Follows groups and encodings and hands the text of the body on. */
function createReader(body: RtfBody): Reader {
  const groups: Group[] = [];
  let group: Group = { destination: "body", encoding: "windows-1252", fallbackLength: 1 };
  let pending: number[] = [];
  let toSkip = 0;
  let isIgnorable = false;
  let title = "";
  const fonts = createFonts();

  const put = (text: string): void => {
    if (group.destination === "title") title += text;
    else if (group.destination === "body") body.text(text);
  };
  const flush = (): void => {
    if (pending.length === 0) return;
    put(new TextDecoder(group.encoding).decode(Uint8Array.from(pending)));
    pending = [];
  };
  const change = (changes: Partial<Group>): void => void (group = { ...group, ...changes });
  const words: Readonly<Record<string, (value: number) => void>> = {
    u(value) {
      put(String.fromCharCode(value & 0xffff));
      toSkip = group.fallbackLength;
    },
    f(value) {
      if (group.destination === "fonts") fonts.select(value);
      else change({ encoding: fonts.encodingOf(value) ?? group.encoding });
    },
    fcharset: (value) => fonts.charset(value),
  };

  return {
    byte(byte) {
      if (toSkip > 0) toSkip -= 1;
      else pending.push(byte);
    },
    text(text) {
      const rest = text.slice(toSkip);
      toSkip = Math.max(0, toSkip - text.length);
      // In two-byte encodings the second byte may be a plain letter.
      if (pending.length > 0) for (const byte of Buffer.from(rest, "latin1")) pending.push(byte);
      else if (rest !== "") put(rest);
    },
    word(name, value) {
      flush();
      if (name === "*") return void (isIgnorable = true);
      if (Object.hasOwn(words, name)) words[name]?.(value ?? 0);
      else if (Object.hasOwn(groupChanges, name)) change(groupChanges[name]?.(value ?? 0) ?? {});
      else if (skipped.has(name) || (isIgnorable && name !== "shppict"))
        change({ destination: "skipped" });
      else if (group.destination === "body") body.word(name, value);
      else if (group.destination === "title") title += " ";
      isIgnorable = false;
    },
    brace(isOpen) {
      flush();
      if (groups.length >= depthMax) throw tooDeep();
      if (isOpen) groups.push(group);
      else group = groups.pop() ?? group;
      toSkip = 0;
      isIgnorable = false;
    },
    finish() {
      flush();
      return title;
    },
  };
}

/** The encodings that the table of fonts gives to its fonts. */
function createFonts(): {
  readonly select: (font: number) => void;
  readonly charset: (charset: number) => void;
  readonly encodingOf: (font: number) => string | undefined;
} {
  const encodings = new Map<number, string>();
  let current = 0;
  return {
    select: (font) => void (current = font),
    charset(charset) {
      const encoding = fontCharsets[charset];
      if (encoding !== undefined) encodings.set(current, encoding);
    },
    encodingOf: (font) => encodings.get(font),
  };
}

function tooDeep(): DocumentFailure {
  const reason = "The RTF file is nested too deeply. Save it again with a word processor.";
  return new DocumentFailure("unsafe", reason);
}
