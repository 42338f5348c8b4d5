import { oneLine } from "../block.ts";
import type { Block, Extraction } from "../block.ts";
import { createFlow } from "./html-flow.ts";
import type { Flow } from "./html-flow.ts";
import { readMarkup } from "./markup.ts";
import { openTable } from "./html-table.ts";
import type { OpenTable } from "./html-table.ts";

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));
// Elements whose content nobody reads.
const dropped = words("script style template svg math iframe object noframes noembed");
// Elements that begin and end a paragraph.
const breaking = words(
  "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form header hr html legend main menu nav ol optgroup option p section summary ul li caption table",
);
const headings = new Map([1, 2, 3, 4, 5, 6].map((level) => [`h${level}`, level]));
const cells = words("td th");
const tableDepthMax = 16;

/**
 * Reads HTML as blocks: headings, paragraphs, lists, tables, preformatted text. Tags, comments,
 * scripts and styles are dropped. Works on snippets without `<html>` too. Linear in the length,
 * whatever the depth.
 */
export function readHtml(html: string): Extraction {
  const reader = createHtmlReader();
  readMarkup(html, reader, { isXml: false, attributesOf: cells });
  return reader.finish();
}

type HtmlReader = {
  readonly open: (name: string, attributes: ReadonlyMap<string, string>) => void;
  readonly close: (name: string) => void;
  readonly text: (text: string) => void;
  readonly finish: () => Extraction;
};

function createHtmlReader(): HtmlReader {
  const page = createPage();
  let skipped: { readonly name: string; depth: number } | undefined;
  let title: string | undefined;
  let inTitle = false;

  return {
    open(name, attributes) {
      if (skipped !== undefined) {
        if (name === skipped.name) skipped.depth += 1;
      } else if (dropped.has(name)) skipped = { name, depth: 1 };
      else if (name === "title") inTitle = true;
      else page.open(name, attributes);
    },
    close(name) {
      if (skipped !== undefined) {
        if (name === skipped.name) skipped.depth -= 1;
        if (skipped.depth === 0) skipped = undefined;
      } else if (name === "title") inTitle = false;
      else page.close(name);
    },
    text(text) {
      if (skipped !== undefined) return;
      if (inTitle) title = (title ?? "") + text;
      else page.text(text);
    },
    finish() {
      const blocks = page.finish();
      const name = oneLine(title ?? "") || blocks.find((block) => block.kind === "heading")?.text;
      return { ...(name === undefined ? {} : { title: name }), blocks, warnings: [] };
    },
  };
}

/** The visible part of a page, told in events of HTML; other formats can be retold in them. */
export type Page = Omit<HtmlReader, "finish"> & { readonly finish: () => readonly Block[] };

/** Turns the events of the visible part of a page into blocks. */
export function createPage(): Page {
  const flow = createFlow();
  // `undefined` is a table that turned out to arrange the page.
  const tables: (OpenTable | undefined)[] = [];
  const table = (): OpenTable | undefined => tables.at(-1);
  // What stands in a table but in no cell, a caption for example, goes before the table.
  const addText = (text: string): void => {
    if (table()?.addText(text) !== true) flow.add(text);
  };
  const closeTable = (): void => flow.emit(tables.pop()?.finish() ?? []);
  /** From here on what the table holds is ordinary text. */
  const dissolveTable = (): void => {
    const done = table()?.dissolve();
    if (done === undefined) return;
    flow.emit(done.blocks);
    flow.add(done.rest);
    flow.breakParagraph();
    tables[tables.length - 1] = undefined;
  };
  const openInTable = (name: string, attributes: ReadonlyMap<string, string>): void => {
    if (name === "tr") table()?.startRow();
    else if (cells.has(name)) table()?.startCell(attributes.get("colspan"), name === "th");
    else if (headings.has(name) || name === "pre") dissolveTable();
    else if (breaking.has(name) || name === "br") addText(" ");
  };
  const closeInTable = (name: string): void => {
    if (cells.has(name)) table()?.endCell();
    else if (name === "tr") table()?.endRow();
    else if (breaking.has(name)) addText(" ");
  };

  return {
    open(name, attributes) {
      if (name === "table" && !flow.isPreformatted()) {
        dissolveTable();
        flow.breakParagraph();
        if (tables.length < tableDepthMax) tables.push(openTable());
        return;
      }
      if (table() !== undefined) openInTable(name, attributes);
      if (table() === undefined) openElement(flow, name);
    },
    close(name) {
      if (name === "table") closeTable();
      else if (table() !== undefined) closeInTable(name);
      else closeElement(flow, name);
      if (name === "ul" || name === "ol") flow.closeList();
    },
    text(text) {
      addText(text);
      if (table()?.isLayout() === true) dissolveTable();
    },
    finish() {
      while (tables.length > 0) closeTable();
      flow.emit([]);
      flow.endLists();
      return flow.blocks;
    },
  };
}

function openElement(flow: Flow, name: string): void {
  const level = headings.get(name);
  if (level !== undefined) flow.openHeading(level);
  else if (name === "pre") flow.openPreformatted();
  else if (name === "br") flow.breakLine();
  else if (breaking.has(name) || cells.has(name) || name === "tr") flow.breakParagraph();
  if (name === "ul" || name === "ol") flow.openList(name === "ol");
  if (name === "li") flow.openItem();
}

function closeElement(flow: Flow, name: string): void {
  if (headings.has(name)) flow.closeHeading();
  else if (name === "pre") flow.closePreformatted();
  else if (breaking.has(name)) flow.breakParagraph();
}
