import { oneLine, tableBlock } from "../block.ts";
import type { Block, Extraction } from "../block.ts";
import { damaged, locked, openOle, readRecords } from "./ole.ts";
import { looksLikeHeader } from "./table.ts";

// Source of the layouts: [MS-DOC], "Word (.doc) Binary File Format", Fib, Clx and PlcPcd.
const identifier = 0xa5ec;
const identifier6 = 0xa5dc;
const version97 = 0xc1;
const encryptedFlag = 0x0100;
const secondTableFlag = 0x0200;
const compressedFlag = 0x40000000;
const ansi = new TextDecoder("windows-1252");

/** Reads DOC of Word 6 to 2003: paragraphs, table rows, notes. Headings are not told apart. */
export function readDoc(bytes: Buffer): Extraction {
  const file = openOle(bytes);
  const main = file.stream("WordDocument");
  if (main === undefined) throw damaged();
  const text = readRecords(() => {
    const magic = main.readUInt16LE(0);
    if (magic !== identifier && magic !== identifier6) throw damaged();
    const flags = main.readUInt16LE(10);
    if ((flags & encryptedFlag) !== 0) throw locked();
    if (main.readUInt16LE(2) < version97) return oldText(main);
    const table = file.stream((flags & secondTableFlag) === 0 ? "0Table" : "1Table");
    if (table === undefined) throw damaged();
    return pieces(main, table.subarray(main.readUInt32LE(418)).subarray(0, main.readUInt32LE(422)));
  });
  return { blocks: toBlocks(withoutFields(text)), warnings: [] };
}

/** Before Word 97 the text lies in one stretch. */
function oldText(main: Buffer): string {
  const begin = main.readUInt32LE(24);
  return ansi.decode(main.subarray(begin, Math.max(begin, main.readUInt32LE(28))));
}

/** The text as the piece table puts it together. */
function pieces(main: Buffer, clx: Buffer): string {
  let at = 0;
  while (clx.readUInt8(at) === 1) at += 3 + clx.readUInt16LE(at + 1);
  if (clx.readUInt8(at) !== 2) throw damaged();
  const table = clx.subarray(at + 5, at + 5 + clx.readUInt32LE(at + 1));
  const count = Math.floor((table.length - 4) / 12);
  let text = "";
  let budget = main.length;
  for (let index = 0; index < count; index += 1) {
    const length = table.readUInt32LE(4 * (index + 1)) - table.readUInt32LE(4 * index);
    const place = table.readUInt32LE(4 * (count + 1) + 8 * index + 2);
    const isCompressed = (place & compressedFlag) !== 0;
    const begin = isCompressed ? (place & ~compressedFlag) >>> 1 : place;
    const size = Math.max(0, isCompressed ? length : 2 * length);
    // Pieces never overlap in an honest file, so together they fit into the stream.
    budget -= size;
    if (budget < 0) throw damaged();
    const piece = main.subarray(begin, begin + size);
    text += isCompressed ? ansi.decode(piece) : piece.toString("utf16le");
  }
  return text;
}

/** Drops what fields are made from and keeps what they show: 19 begins, 20 separates, 21 ends. */
function withoutFields(text: string): string {
  const isInstruction: boolean[] = [];
  let hidden = 0;
  let shown = "";
  for (const { part, mark } of partsByMarks(text, fieldMarks)) {
    if (hidden === 0) shown += part;
    if (mark === 19) {
      isInstruction.push(true);
      hidden += 1;
    } else if (mark === 20 && isInstruction.at(-1) === true) {
      isInstruction[isInstruction.length - 1] = false;
      hidden -= 1;
    } else if (mark === 21 && isInstruction.pop() === true) hidden -= 1;
  }
  return shown;
}

const fieldMarks: ReadonlySet<number> = new Set([19, 20, 21]);
const paragraphMark = 13;
const cellMark = 7;
const textMarks: ReadonlySet<number> = new Set([cellMark, paragraphMark, 12]);

/** The stretches of text, each with the mark behind it; 0 at the end. */
function* partsByMarks(
  text: string,
  marks: ReadonlySet<number>,
): Generator<{ readonly part: string; readonly mark: number }> {
  let begin = 0;
  for (let at = 0; at < text.length; at += 1) {
    const mark = text.charCodeAt(at);
    if (!marks.has(mark)) continue;
    yield { part: text.slice(begin, at), mark };
    begin = at + 1;
  }
  yield { part: text.slice(begin), mark: 0 };
}

function toBlocks(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let rows: string[][] = [];
  let row: string[] = [];
  const closeTable = (): void => {
    if (row.length > 0) rows.push(row);
    if (rows.length > 0)
      blocks.push(tableBlock(rows, { headerRows: looksLikeHeader(rows) ? 1 : 0 }));
    rows = [];
    row = [];
  };
  // A cell ends with its mark and a row with one more.
  for (const { part, mark } of partsByMarks(text, textMarks)) {
    const isCell = mark === cellMark;
    const line = readable(part);
    if (isCell && line === "" && row.length > 0) {
      rows.push(row);
      row = [];
    } else if (isCell) row.push(line);
    else if (line !== "") {
      closeTable();
      blocks.push({ kind: "paragraph", text: line });
    }
  }
  closeTable();
  return blocks;
}

/** One paragraph: vertical tabs break its lines, other control characters are not text. */
function readable(part: string): string {
  let text = "";
  for (const character of part) {
    const code = character.charCodeAt(0);
    if (code === 30) text += "-";
    else if (code >= 32 || (code >= 9 && code <= 11)) text += character;
  }
  return text.split("\v").map(oneLine).join("\n").trim().toWellFormed();
}
