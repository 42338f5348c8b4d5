import { oneLine } from "../block.ts";
import type { Block } from "../block.ts";
import { createItemLines } from "./html-lists.ts";

const headingLengthMax = 400;
// Stands for `<br>` in text that is not finished; no document's white space survives as this.
const lineBreak = "\u2028";

/** Running text between tags, cut into paragraphs, headings, lists and preformatted text. */
export type Flow = {
  readonly blocks: readonly Block[];
  readonly add: (text: string) => void;
  readonly breakLine: () => void;
  /** Ends the paragraph; inside a heading or preformatted text it does not. */
  readonly breakParagraph: () => void;
  readonly openHeading: (level: number) => void;
  readonly closeHeading: () => void;
  readonly openPreformatted: () => void;
  readonly closePreformatted: () => void;
  readonly isPreformatted: () => boolean;
  readonly openList: (isOrdered: boolean) => void;
  readonly closeList: () => void;
  readonly openItem: () => void;
  /** Ends the text that is open and adds finished blocks. */
  readonly emit: (blocks: readonly Block[]) => void;
  /** Ends lists that nobody closed. */
  readonly endLists: () => void;
};

/** Starts an empty flow. */
export function createFlow(): Flow {
  const blocks: Block[] = [];
  const items = createItemLines();
  let buffer = "";
  let heading: number | undefined;
  let preformattedDepth = 0;

  const flushItems = (): void => {
    const text = items.take();
    if (text !== "") blocks.push({ kind: "list", text });
  };
  const flush = (): void => {
    if (buffer === "") return;
    const text = visibleText(buffer);
    buffer = "";
    if (text === "") return;
    if (items.isInList() && heading === undefined) return items.add(text);
    flushItems();
    blocks.push(textBlock(text, heading));
  };
  const flushPreformatted = (): void => {
    const text = buffer.replace(/^\s*\n/, "").trimEnd();
    buffer = "";
    flushItems();
    if (text.trim() !== "") blocks.push({ kind: "code", text: text.replaceAll("\r\n", "\n") });
  };

  return {
    blocks,
    add: (text) => void (buffer += text),
    breakLine: () => void (buffer += preformattedDepth > 0 ? "\n" : lineBreak),
    breakParagraph() {
      if (heading !== undefined) buffer += " ";
      else if (preformattedDepth === 0) flush();
    },
    openHeading(level) {
      flush();
      flushItems();
      heading = level;
    },
    closeHeading() {
      flush();
      heading = undefined;
    },
    openPreformatted() {
      if (preformattedDepth === 0) flush();
      preformattedDepth += 1;
    },
    closePreformatted() {
      if (preformattedDepth === 1) flushPreformatted();
      preformattedDepth = Math.max(0, preformattedDepth - 1);
    },
    isPreformatted: () => preformattedDepth > 0,
    openList: (isOrdered) => items.openList(isOrdered),
    closeList() {
      items.closeList();
      if (!items.isInList()) flushItems();
    },
    openItem: () => items.openItem(),
    emit(finished) {
      if (preformattedDepth > 0) flushPreformatted();
      flush();
      if (finished.length === 0) return;
      flushItems();
      blocks.push(...finished);
    },
    endLists: flushItems,
  };
}

function textBlock(text: string, heading: number | undefined): Block {
  // A heading that is never closed must not take the page with it.
  if (heading === undefined || text.length > headingLengthMax) return { kind: "paragraph", text };
  return { kind: "heading", text: text.replaceAll("\n", " "), level: heading };
}

/** White space as a browser shows it: runs are one space. */
function visibleText(raw: string): string {
  if (!raw.includes(lineBreak)) return oneLine(raw);
  const lines = raw.split(lineBreak).map(oneLine);
  return lines.filter((line) => line !== "").join("\n");
}
