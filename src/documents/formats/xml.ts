import { oneLine } from "../block.ts";
import type { Block, Extraction } from "../block.ts";
import { withoutDoctype } from "./doctype.ts";
import { readMarkup } from "./markup.ts";

const depthMax = 4096;

/**
 * Reads XML and XSLT: tags are removed, text is kept. An element inside running text does not end
 * the paragraph, others do. Entities that the document declares are never expanded and nothing
 * outside the document is ever read; a document whose entities are built from each other is refused.
 */
export function readXml(xml: string): Extraction {
  const { rest, warnings } = withoutDoctype(xml);
  return { blocks: textBlocks(rest), warnings };
}

function textBlocks(xml: string): readonly Block[] {
  const blocks: Block[] = [];
  let buffer = "";
  let depth = 0;
  // By depth: whether the element has text of its own, and whether it stands inside running text.
  const hasText = new Uint8Array(depthMax + 1);
  const isInline = new Uint8Array(depthMax + 1);

  const flush = (): void => {
    if (buffer === "") return;
    const text = oneLine(buffer);
    buffer = "";
    if (text !== "") blocks.push({ kind: "paragraph", text });
  };
  readMarkup(
    xml,
    {
      open() {
        const above = Math.min(depth, depthMax);
        if (hasText[above] === 0) flush();
        depth += 1;
        const here = Math.min(depth, depthMax);
        isInline[here] = hasText[above] ?? 0;
        hasText[here] = 0;
      },
      close() {
        if (isInline[Math.min(depth, depthMax)] === 0) flush();
        depth = Math.max(0, depth - 1);
      },
      text(text) {
        buffer += text;
        const here = Math.min(depth, depthMax);
        if (hasText[here] === 0 && text.trim() !== "") hasText[here] = 1;
      },
    },
    { isXml: true },
  );
  flush();
  return blocks;
}
