import { oneLine } from "../block.ts";
import type { Block, Extraction } from "../block.ts";
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
const withAttributes = words("td th");
const headingLengthMax = 400;
const listDepthMax = 8;
const tableDepthMax = 16;

/**
 * Reads HTML as blocks: headings, paragraphs, lists, tables, preformatted text. Tags, comments,
 * scripts and styles are dropped. Works on snippets without `<html>` too. Linear in the length,
 * whatever the depth.
 */
export function readHtml(html: string): Extraction {
  const reader = createHtmlReader();
  readMarkup(html, reader, { isXml: false, attributesOf: withAttributes });
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

type Page = Omit<HtmlReader, "finish"> & { readonly finish: () => readonly Block[] };

/** Turns the events of the visible part of a page into blocks. */
function createPage(): Page {
  const blocks: Block[] = [];
  let buffer = "";
  let heading: number | undefined;
  let preDepth = 0;
  const lists: { count: number | undefined }[] = [];
  let items: string[] = [];
  let marker = "";
  const tables: (OpenTable | undefined)[] = [];

  const table = (): OpenTable | undefined => tables.at(-1);
  // What stands in a table but in no cell, a caption for example, goes before the table.
  const addText = (text: string): void => {
    if (table()?.addText(text) !== true) buffer += text;
  };
  const flushItems = (): void => {
    if (items.length > 0) blocks.push({ kind: "list", text: items.join("\n") });
    items = [];
  };
  const flush = (): void => {
    if (buffer === "") return;
    const text = paragraph(buffer);
    buffer = "";
    if (text === "") return;
    if (lists.length > 0 && heading === undefined) {
      const indent = "  ".repeat(Math.min(lists.length - 1, listDepthMax));
      items.push(indent + (marker || "  ") + text.replaceAll("\n", " "));
      marker = "";
      return;
    }
    flushItems();
    const isHeading = heading !== undefined && text.length <= headingLengthMax;
    blocks.push(
      isHeading
        ? { kind: "heading", text: text.replaceAll("\n", " "), level: heading ?? 1 }
        : { kind: "paragraph", text },
    );
  };
  const finishTable = (): void => {
    flush();
    const done = tables.pop()?.finish() ?? [];
    if (done.length > 0) flushItems();
    blocks.push(...done);
  };
  /** The table turned out to arrange the page: what it holds from here on is ordinary text. */
  const dissolveTable = (): void => {
    const done = table()?.dissolve();
    if (done === undefined) return;
    flush();
    flushItems();
    blocks.push(...done.blocks);
    buffer = done.rest;
    flush();
    tables[tables.length - 1] = undefined;
  };
  const closePreformatted = (): void => {
    const text = buffer.replace(/^\s*\n/, "").trimEnd();
    buffer = "";
    flushItems();
    if (text.trim() !== "") blocks.push({ kind: "code", text: text.replaceAll("\r\n", "\n") });
  };

  const openInTable = (name: string, attributes: ReadonlyMap<string, string>): void => {
    const open = table();
    if (name === "tr") open?.startRow();
    else if (name === "td" || name === "th")
      open?.startCell(attributes.get("colspan"), name === "th");
    else if (headings.has(name) || name === "pre") dissolveTable();
    else if (breaking.has(name) || name === "br") addText(" ");
  };
  const closeInTable = (name: string): void => {
    if (name === "td" || name === "th") table()?.endCell();
    else if (name === "tr") table()?.endRow();
    else if (breaking.has(name)) addText(" ");
  };
  const openTableElement = (): void => {
    dissolveTable();
    flush();
    if (tables.length < tableDepthMax) tables.push(openTable());
  };
  const openElement = (name: string): void => {
    const level = headings.get(name);
    if (level !== undefined) {
      flush();
      flushItems();
      heading = level;
    } else if (name === "pre") {
      flush();
      preDepth += 1;
    } else if (name === "br") buffer += preDepth > 0 ? "\n" : "\u2028";
    else if (heading !== undefined && breaking.has(name)) buffer += " ";
    else if (name === "td" || name === "th" || name === "tr" || breaking.has(name)) {
      if (preDepth === 0) flush();
    }
    if (name === "ul" || name === "ol") lists.push({ count: name === "ol" ? 0 : undefined });
    if (name === "li") marker = nextMarker(lists.at(-1));
  };

  return {
    open(name, attributes) {
      if (name === "table" && preDepth === 0) return openTableElement();
      if (table() !== undefined) openInTable(name, attributes);
      if (table() === undefined) openElement(name);
    },
    close(name) {
      if (name === "table") finishTable();
      else if (table() !== undefined) closeInTable(name);
      else if (headings.has(name)) {
        flush();
        heading = undefined;
      } else if (name === "pre" && preDepth > 0) {
        preDepth -= 1;
        if (preDepth === 0) closePreformatted();
      } else if (heading === undefined && preDepth === 0 && breaking.has(name)) flush();
      if (name === "ul" || name === "ol") {
        lists.pop();
        if (lists.length === 0) flushItems();
      }
    },
    text(text) {
      addText(text);
      if (table()?.isLayout() === true) dissolveTable();
    },
    finish() {
      while (tables.length > 0) finishTable();
      if (preDepth > 0) closePreformatted();
      flush();
      flushItems();
      return blocks;
    },
  };
}

function nextMarker(list: { count: number | undefined } | undefined): string {
  if (list?.count === undefined) return "- ";
  list.count += 1;
  return `${list.count}. `;
}

/** White space as a browser shows it: runs are one space, `<br>` (kept as U+2028) a line break. */
function paragraph(raw: string): string {
  if (!raw.includes("\u2028")) return oneLine(raw);
  return raw
    .split("\u2028")
    .map(oneLine)
    .join("\n")
    .replace(/\n{2,}/g, "\n")
    .trim();
}
