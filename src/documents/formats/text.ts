import type { Block, Extraction } from "../block.ts";

/**
 * Reads plain text: paragraphs apart by empty lines. Everything is kept; nothing is taken for a
 * heading, because plain text has none.
 */
export function readText(text: string): Extraction {
  return { blocks: paragraphs(text), warnings: [] };
}

/** Blocks of lines that are apart by empty lines. */
export function paragraphs(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: string[] = [];
  const close = (): void => {
    if (open.length > 0) blocks.push({ kind: "paragraph", text: open.join("\n") });
    open = [];
  };
  for (const line of textLines(text)) {
    if (line.trim() === "") close();
    else open.push(line.trimEnd());
  }
  close();
  return blocks;
}

/** Lines without their line feeds, whichever system wrote them. */
export function textLines(text: string): readonly string[] {
  return text.split(/\r\n|[\n\r\f\u2028\u2029]/);
}
