import { oneLine, tableBlock } from "../block.ts";
import type { Block, Extraction } from "../block.ts";
import { authoredTitle } from "./title.ts";
import { readMarkup } from "./markup.ts";
import { localName, openOfficeFile, writtenTitle } from "./office-parts.ts";
import type { OfficeParts } from "./office-parts.ts";
import { looksLikeHeader } from "./table.ts";

const withAttributes = new Set(["p:ph", "p:sldId"]);

/** Reads PPTX: titles, text, tables and notes of each slide; pages are slides, counted from 1. */
export function readPptx(bytes: Buffer): Extraction {
  const parts = openOfficeFile(bytes);
  const slides = slideNames(parts);
  const blocks = slides.flatMap((name, index) => readSlide(parts, name, index + 1));
  const title =
    authoredTitle(writtenTitle(parts)) ?? blocks.find((block) => block.kind === "heading")?.text;
  return { ...(title === undefined ? {} : { title }), blocks, pages: slides.length, warnings: [] };
}

/** Slides in the order they are shown; by number when the presentation does not say. */
function slideNames(parts: OfficeParts): readonly string[] {
  const targets = parts.targets("ppt/presentation.xml");
  const names: string[] = [];
  readMarkup(
    parts.text("ppt/presentation.xml") ?? "",
    {
      open(_, attributes) {
        const name = targets.get(attributes.get("r:id") ?? "")?.name;
        if (name !== undefined) names.push(name);
      },
      close: () => undefined,
      text: () => undefined,
    },
    { isXml: true, attributesOf: withAttributes },
  );
  if (names.length > 0) return [...new Set(names)];
  const number = (name: string): number => Number(/\d+/.exec(name)?.[0]);
  return parts.names
    .filter((name) => /^ppt\/slides\/slide\d+\.xml$/.test(name))
    .sort((a, b) => number(a) - number(b));
}

function readSlide(parts: OfficeParts, name: string, page: number): readonly Block[] {
  const slide = readShapes(parts.text(name) ?? "", page, true);
  const notes = [...parts.targets(name).values()].find((target) => target.type === "notesSlide");
  if (notes === undefined) return slide;
  return [...slide, ...readShapes(parts.text(notes.name) ?? "", page, false)];
}

// Kinds of placeholders that repeat on every slide and say nothing about it.
const furniture = new Set(["sldNum", "dt", "ftr", "hdr", "sldImg"]);

function readShapes(xml: string, page: number, hasTitle: boolean): readonly Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let line = "";
  let isText = false;
  let kind = "";
  let rows: string[][] | undefined;
  let cell = "";

  const closeShape = (): void => {
    const text = lines.join("\n");
    if (text !== "" && !furniture.has(kind)) {
      const isTitle = hasTitle && (kind === "title" || kind === "ctrTitle");
      blocks.push(
        isTitle
          ? { kind: "heading", text: oneLine(text), level: 1, page }
          : { kind: lines.length > 1 ? "list" : "paragraph", text, page },
      );
    }
    lines = [];
    kind = "";
  };
  const closeParagraph = (): void => {
    if (rows !== undefined) cell += ` ${line}`;
    else if (line.trim() !== "") lines.push(oneLine(line));
    line = "";
  };
  const openings: Readonly<Record<string, () => void>> = {
    tbl: () => void (rows = []),
    tr: () => void rows?.push([]),
    tc: () => void (cell = ""),
    br: () => void (line += " "),
  };
  const closings: Readonly<Record<string, () => void>> = {
    p: closeParagraph,
    tc: () => void rows?.at(-1)?.push(cell),
    tbl() {
      const table = rows ?? [];
      rows = undefined;
      if (table.some((row) => row.some((text) => text.trim() !== ""))) {
        blocks.push(tableBlock(table, { headerRows: looksLikeHeader(table) ? 1 : 0, page }));
      }
    },
    sp: closeShape,
  };

  readMarkup(
    xml,
    {
      open(name, attributes) {
        const local = localName(name);
        isText = local === "t";
        if (local === "ph") kind = attributes.get("type") ?? "";
        else if (Object.hasOwn(openings, local)) openings[local]?.();
      },
      close(name) {
        isText = false;
        const local = localName(name);
        if (Object.hasOwn(closings, local)) closings[local]?.();
      },
      text: (text) => void (line += isText ? text : ""),
    },
    { isXml: true, attributesOf: withAttributes },
  );
  closeShape();
  return blocks;
}
