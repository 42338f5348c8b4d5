import { oneLine, tableBlock } from "../block.ts";
import type { Block, Extraction } from "../block.ts";
import { createOdfGrids } from "./odf-grid.ts";
import type { OdfGrids } from "./odf-grid.ts";
import { openOpenDocument } from "./odf-parts.ts";
import { openOdfTable, tableElements } from "./odf-table.ts";
import type { OdfTable } from "./odf-table.ts";
import { walkOpenDocument } from "./odf-walk.ts";
import { looksLikeHeader } from "./table.ts";

const withAttributes = new Set(["draw:frame", ...tableElements]);
// What repeats on every slide and says nothing about it; and prompts where nothing was written.
const furniture = new Set(["page-number", "date-time", "footer", "header"]);
const declared = new Set(
  ["footer", "header", "date-time"].map((name) => `presentation:${name}-decl`),
);

type Attributes = ReadonlyMap<string, string>;

/**
 * Reads OpenDocument presentations: titles, text, tables and notes of each slide; pages are slides,
 * counted from 1.
 */
export function readOdp(bytes: Buffer): Extraction {
  const { content, title, warnings } = openOpenDocument(bytes);
  const grids = createOdfGrids();
  const slides = createSlides(grids);
  walkOpenDocument(content, slides, { attributesOf: withAttributes, isLeftOut });
  const blocks = slides.finish();
  const name = title ?? blocks.find((block) => block.kind === "heading")?.text;
  return {
    ...(name === undefined ? {} : { title: name }),
    blocks,
    pages: slides.pages(),
    warnings: [...warnings, ...grids.warnings()],
  };
}

function isLeftOut(name: string, attributes: Attributes): boolean {
  if (name !== "draw:frame") return declared.has(name);
  const isPrompt = attributes.get("presentation:placeholder") === "true";
  return isPrompt || furniture.has(attributes.get("presentation:class") ?? "");
}

type Slides = {
  readonly pages: () => number;
  readonly open: (name: string, attributes: Attributes) => void;
  readonly close: (name: string) => void;
  readonly text: (text: string) => void;
  readonly finish: () => readonly Block[];
};

function createSlides(grids: OdfGrids): Slides {
  const blocks: Block[] = [];
  let page = 0;
  let isNotes = false;
  let isTitle = false;
  let lines: string[] = [];
  let line = "";
  let table: OdfTable | undefined;

  const endShape = (): void => {
    endLine();
    if (lines.length > 0) blocks.push(shapeBlock(lines, page, isTitle && !isNotes));
    lines = [];
    isTitle = false;
  };
  const endLine = (): void => {
    if (oneLine(line) !== "") lines.push(oneLine(line));
    line = "";
  };
  const endTable = (): void => {
    const rows = table?.rows ?? [];
    table = undefined;
    if (rows.length === 0) return;
    blocks.push(tableBlock(rows, { headerRows: looksLikeHeader(rows) ? 1 : 0, page }));
  };
  const openOutside = (name: string, attributes: Attributes): void => {
    if (name === "table:table") {
      endShape();
      table = openOdfTable(grids.open());
    } else if (name === "draw:page" || name === "presentation:notes") {
      endShape();
      isNotes = name === "presentation:notes";
      if (!isNotes) page += 1;
    } else if (name.startsWith("draw:") && name !== "draw:text-box") {
      endShape();
      isTitle = attributes.get("presentation:class") === "title";
    } else if (name === "text:line-break") line += " ";
    else if (name === "text:p" || name === "text:h") endLine();
  };
  return {
    pages: () => page,
    open(name, attributes) {
      if (table !== undefined) table.open(name, attributes);
      else openOutside(name, attributes);
    },
    close(name) {
      if (table !== undefined) {
        if (table.close(name) === "ended") endTable();
      } else if (name === "text:p" || name === "text:h") endLine();
      else if (name.startsWith("draw:") && name !== "draw:text-box") endShape();
      if (name === "presentation:notes") isNotes = false;
    },
    text(text) {
      if (table !== undefined) table.text(text);
      else line += text;
    },
    finish() {
      endTable();
      endShape();
      return blocks;
    },
  };
}

function shapeBlock(lines: readonly string[], page: number, isTitle: boolean): Block {
  if (isTitle) return { kind: "heading", text: lines.join(" "), level: 1, page };
  return { kind: lines.length > 1 ? "list" : "paragraph", text: lines.join("\n"), page };
}
