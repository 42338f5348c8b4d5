/** What a piece of a document is. */
export type BlockKind = "heading" | "paragraph" | "list" | "table" | "code";

/** One piece of a document in reading order, as a format reader hands it to the chunker. */
export type Block = {
  readonly kind: BlockKind;
  /** The text as it is extracted. A table has one line per row, a list one line per item. */
  readonly text: string;
  /** Depth of a heading, 1 is the outermost. */
  readonly level?: number;
  /** What a heading is called when its text carries syntax (`# Leave` is called `Leave`). */
  readonly label?: string;
  /** Page, slide or sheet the block begins on, counted from 1. */
  readonly page?: number;
  /** Cells of a table, one list per line of `text`. */
  readonly rows?: readonly (readonly string[])[];
  /** How many of the first lines of a table are its header. */
  readonly headerRows?: number;
};

/** A document after reading, before chunking. */
export type Extraction = {
  readonly title?: string;
  readonly blocks: readonly Block[];
  readonly pages?: number;
  readonly warnings: readonly string[];
};

/** A stored piece of text. Offsets count UTF-16 units of the document's extracted plain text. */
export type Chunk = {
  readonly ordinal: number;
  /** What is shown. Ends with the text at the offsets; a table's header may be repeated before it. */
  readonly text: string;
  /** Headings above the first line, outermost first. Indexed with the text, not shown. */
  readonly headingPath: readonly string[];
  readonly page?: number;
  readonly beginOffset: number;
  readonly endOffset: number;
  /** Estimate of `countTokens`. */
  readonly tokens: number;
};

const betweenBlocks = "\n\n";

/** The extracted plain text: all blocks, an empty line between them. */
export function plainText(blocks: readonly Block[]): string {
  return blocks.map((block) => block.text).join(betweenBlocks);
}

/** How many UTF-16 units `plainText` puts between two blocks. */
export const gapLength = betweenBlocks.length;

const betweenCells = " | ";

/** A table block: one line per row, cells apart by a bar. Line breaks in cells become spaces. */
export function tableBlock(
  rows: readonly (readonly string[])[],
  options: { readonly headerRows: number; readonly page?: number },
): Block {
  const cells = rows.map((row) => row.map(oneLine));
  const text = cells.map(rowText).join("\n");
  return { kind: "table", text, rows: cells, ...options };
}

function rowText(row: readonly string[]): string {
  const filled = row.slice(0, row.findLastIndex((cell) => cell !== "") + 1);
  return filled.join(betweenCells);
}

/** The text on one line: every run of white space is one space, none at the ends. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
