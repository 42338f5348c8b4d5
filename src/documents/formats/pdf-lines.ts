import type { Block } from "../block.ts";

/** A line of a page: its text, its letters' height and its place, in points from the bottom. */
export type PdfLine = {
  readonly text: string;
  readonly height: number;
  readonly y: number;
};

const headingLengthMax = 120;
const headingLinesMax = 3;
/** How much larger than the body a heading is set. */
const headingRatio = 1.15;
const levelsMax = 4;
/** A gap of more than this many letter heights begins a paragraph. */
const paragraphGap = 1.9;

/** Finds the height most of the text is set in. */
export function bodyHeight(pages: readonly (readonly PdfLine[])[]): number {
  const lengths = new Map<number, number>();
  for (const line of pages.flat()) {
    const height = rounded(line.height);
    lengths.set(height, (lengths.get(height) ?? 0) + line.text.length);
  }
  let best = 0;
  let longest = -1;
  for (const [height, length] of lengths) {
    if (length > longest) [best, longest] = [height, length];
  }
  return best;
}

/** The blocks of all pages: paragraphs by gaps, headings by the size of their letters. */
export function pdfBlocks(pages: readonly (readonly PdfLine[])[]): readonly Block[] {
  const body = bodyHeight(pages);
  const isLarge = (line: PdfLine): boolean => body > 0 && line.height >= body * headingRatio;
  const sizes = [
    ...new Set(
      pages
        .flat()
        .filter(isLarge)
        .map((line) => rounded(line.height)),
    ),
  ];
  const ranks = sizes.sort((a, b) => b - a);
  const levelOf = (line: PdfLine): number =>
    Math.min(levelsMax, ranks.indexOf(rounded(line.height)) + 1);
  return pages.flatMap((lines, index) =>
    groups(lines, isLarge).map((group) => toBlock(group, index + 1, isLarge, levelOf)),
  );
}

/** Lines that belong together: no large gap between them, the same size of letters. */
function groups(
  lines: readonly PdfLine[],
  isLarge: (line: PdfLine) => boolean,
): readonly (readonly PdfLine[])[] {
  const found: PdfLine[][] = [];
  let last: PdfLine | undefined;
  for (const line of lines) {
    if (line.text.trim() === "") {
      last = undefined;
      continue;
    }
    const open = found.at(-1);
    if (last !== undefined && open !== undefined && belongs(last, line, isLarge)) open.push(line);
    else found.push([line]);
    last = line;
  }
  return found;
}

function belongs(last: PdfLine, line: PdfLine, isLarge: (line: PdfLine) => boolean): boolean {
  if (isLarge(last) !== isLarge(line)) return false;
  if (isLarge(line) && rounded(last.height) !== rounded(line.height)) return false;
  // Lines go down the page; a step up begins a column.
  const step = last.y - line.y;
  return step >= -1 && step <= Math.max(last.height, line.height) * paragraphGap;
}

function toBlock(
  group: readonly PdfLine[],
  page: number,
  isLarge: (line: PdfLine) => boolean,
  levelOf: (line: PdfLine) => number,
): Block {
  const text = group.map((line) => line.text.trim()).join("\n");
  const first = group[0];
  const isHeading =
    first !== undefined &&
    isLarge(first) &&
    group.length <= headingLinesMax &&
    text.length <= headingLengthMax &&
    /\p{L}{2}/u.test(text);
  if (!isHeading) return { kind: "paragraph", text, page };
  return { kind: "heading", text: text.replaceAll("\n", " "), level: levelOf(first), page };
}

function rounded(height: number): number {
  return Math.round(height * 2) / 2;
}
