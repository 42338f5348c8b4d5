import { oneLine } from "../block.ts";
import type { Extraction } from "../block.ts";
import { createPage } from "./html.ts";
import type { Page } from "./html.ts";
import { openOpenDocument } from "./odf-parts.ts";
import { readOdfStyles } from "./odf-styles.ts";
import type { OdfStyles } from "./odf-styles.ts";
import { countOf, walkOpenDocument } from "./odf-walk.ts";

const withAttributes = new Set(["text:p", "text:h", "text:list", "table:table-cell"]);
const headingLevelMax = 6;
const repeatedCellsMax = 50;
const noAttributes: ReadonlyMap<string, string> = new Map();

type Attributes = ReadonlyMap<string, string>;

/**
 * Reads OpenDocument text: headings, paragraphs, lists, tables and, at the end, notes. It is retold
 * as the page that DOCX becomes too, so that both are cut in the same way: what tracked changes have
 * deleted, comments, page headers and footers are left out; text that is only hidden is read.
 */
export function readOdt(bytes: Buffer): Extraction {
  const { content, styles, title, warnings } = openOpenDocument(bytes);
  const page = createPage();
  const notes = createNotes(page);
  const teller = createTeller(page, readOdfStyles(styles, content));
  walkOpenDocument(
    content,
    {
      open(name, attributes) {
        if (name === "text:note") notes.open();
        else if (!notes.isOpen()) teller.open(name, attributes);
      },
      close(name) {
        if (name === "text:note") notes.close();
        else if (!notes.isOpen()) teller.close(name);
        else notes.add(" ");
      },
      text: (text) => (notes.isOpen() ? notes.add(text) : teller.text(text)),
    },
    { attributesOf: withAttributes },
  );
  notes.tell();
  const blocks = page.finish();
  const name = title ?? blocks.find((block) => block.kind === "heading")?.text;
  return { ...(name === undefined ? {} : { title: name }), blocks, warnings };
}

type Notes = {
  readonly open: () => void;
  readonly close: () => void;
  readonly isOpen: () => boolean;
  readonly add: (text: string) => void;
  readonly tell: () => void;
};

/** Notes stand in the middle of a sentence: a number stays there, the text goes to the end. */
function createNotes(page: Page): Notes {
  const texts: string[] = [];
  let text: string | undefined;
  return {
    open: () => void (text ??= ""),
    close() {
      if (text === undefined) return;
      texts.push(oneLine(text));
      text = undefined;
      page.text(`[${texts.length}]`);
    },
    isOpen: () => text !== undefined,
    add: (piece) => void (text += piece),
    tell() {
      page.open("ol", noAttributes);
      for (const note of texts) {
        page.open("li", noAttributes);
        page.text(note);
        page.close("li");
      }
      page.close("ol");
    },
  };
}

/** Tells a page the elements of a text document by their names in HTML. */
function createTeller(page: Page, styles: OdfStyles): Page {
  const paragraphs: string[] = [];
  const lists: string[] = [];
  let headerDepth = 0;
  let cellName = "td";
  let cellText = "";
  let repeated = 1;

  const openParagraph = (name: string): void => {
    paragraphs.push(name);
    page.open(name, noAttributes);
  };
  const openCell = (attributes: Attributes): void => {
    cellName = headerDepth > 0 ? "th" : "td";
    cellText = "";
    repeated = Math.min(countOf(attributes, "table:number-columns-repeated"), repeatedCellsMax);
    page.open(cellName, noAttributes);
  };
  const closeCell = (): void => {
    page.close(cellName);
    for (; repeated > 1; repeated -= 1) {
      page.open(cellName, noAttributes);
      page.text(cellText);
      page.close(cellName);
    }
  };
  const openings: Readonly<Record<string, (attributes: Attributes) => void>> = {
    "text:h": (attributes) =>
      openParagraph(`h${Math.min(countOf(attributes, "text:outline-level"), headingLevelMax)}`),
    "text:p"(attributes) {
      const level = styles.headingLevel(attributes.get("text:style-name") ?? "");
      openParagraph(level === undefined ? "p" : `h${level}`);
    },
    "text:list"(attributes) {
      const style = attributes.get("text:style-name") ?? lists.at(-1) ?? "";
      lists.push(style);
      page.open(styles.isOrdered(style, lists.length) ? "ol" : "ul", noAttributes);
    },
    "text:list-item": () => page.open("li", noAttributes),
    "text:line-break": () => page.open("br", noAttributes),
    "table:table": () => page.open("table", noAttributes),
    "table:table-header-rows": () => void (headerDepth += 1),
    "table:table-row": () => page.open("tr", noAttributes),
    "table:table-cell": openCell,
    "table:covered-table-cell": () => openCell(noAttributes),
  };
  const closings: Readonly<Record<string, () => void>> = {
    "text:h": () => page.close(paragraphs.pop() ?? "p"),
    "text:p": () => page.close(paragraphs.pop() ?? "p"),
    "text:list"() {
      if (lists.pop() !== undefined) page.close("ul");
    },
    "text:list-item": () => page.close("li"),
    "table:table": () => page.close("table"),
    "table:table-header-rows": () => void (headerDepth = Math.max(0, headerDepth - 1)),
    "table:table-row": () => page.close("tr"),
    "table:table-cell": closeCell,
    "table:covered-table-cell": closeCell,
  };
  return {
    open(name, attributes) {
      if (Object.hasOwn(openings, name)) openings[name]?.(attributes);
    },
    close(name) {
      if (Object.hasOwn(closings, name)) closings[name]?.();
    },
    text(text) {
      if (cellText.length < 1000) cellText += text;
      page.text(text);
    },
    finish: page.finish,
  };
}
