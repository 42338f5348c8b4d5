import { oneLine, tableBlock } from "../block.ts";
import type { Block } from "../block.ts";
import { looksLikeHeader } from "./table.ts";

/** What the body of an RTF document is made of, as its reader meets it. */
export type RtfBody = {
  readonly text: (text: string) => void;
  readonly word: (name: string, value: number | undefined) => void;
  readonly finish: () => readonly Block[];
};

const symbols: Readonly<Record<string, string>> = {
  par: "\n",
  sect: "\n",
  page: "\n",
  line: "\u2028",
  tab: "\t",
  emdash: "—",
  endash: "–",
  lquote: "‘",
  rquote: "’",
  ldblquote: "“",
  rdblquote: "”",
  bullet: "•",
  "~": "\u00a0",
  _: "-",
};

/** Collects the text of the body as paragraphs, rows and headings. */
export function createRtfBody(): RtfBody {
  const blocks: Block[] = [];
  let paragraph = "";
  let level: number | undefined;
  let cells: string[] = [];
  let rows: string[][] = [];
  let isInTable = false;

  const closeTable = (): void => {
    if (rows.length > 0)
      blocks.push(tableBlock(rows, { headerRows: looksLikeHeader(rows) ? 1 : 0 }));
    rows = [];
  };
  const closeParagraph = (): void => {
    if (isInTable) {
      paragraph += " ";
      return;
    }
    const text = paragraph.split("\u2028").map(oneLine).join("\n").trim().toWellFormed();
    paragraph = "";
    if (text === "") return;
    closeTable();
    if (level === undefined) blocks.push({ kind: "paragraph", text });
    else blocks.push({ kind: "heading", text: oneLine(text), level: level + 1 });
  };
  const words: Readonly<Record<string, (value: number | undefined) => void>> = {
    pard() {
      level = undefined;
      isInTable = false;
    },
    intbl: () => void (isInTable = true),
    outlinelevel: (value) => void (level = value !== undefined && value < 9 ? value : undefined),
    cell() {
      cells.push(oneLine(paragraph).toWellFormed());
      paragraph = "";
    },
    row() {
      if (cells.some((cell) => cell !== "")) rows.push(cells);
      cells = [];
      isInTable = false;
    },
  };
  return {
    text: (text) => void (paragraph += text),
    word(name, value) {
      const symbol = Object.hasOwn(symbols, name) ? symbols[name] : undefined;
      if (symbol === "\n") closeParagraph();
      else if (symbol !== undefined) paragraph += symbol;
      else if (Object.hasOwn(words, name)) words[name]?.(value);
    },
    finish() {
      isInTable = false;
      if (cells.some((cell) => cell !== "")) rows.push(cells);
      closeParagraph();
      closeTable();
      return blocks;
    },
  };
}
