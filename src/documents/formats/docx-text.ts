import type { Block, Extraction } from "../block.ts";
import { DocumentFailure } from "../failure.ts";
import { readMarkup } from "./markup.ts";
import type { OfficeParts } from "./office-parts.ts";

const bodies = /^word\/(?:document|footnotes|endnotes)\d*\.xml$/;

/** The bare text of a Word document's parts, one paragraph each, without any structure. */
export function readWordText(parts: OfficeParts): Extraction {
  const blocks = parts.names
    .filter((name) => bodies.test(name))
    .flatMap((name) => read(parts.text(name) ?? ""));
  if (blocks.length === 0) {
    const reason = "The Word file is damaged and holds no readable text. Save it again in Word.";
    throw new DocumentFailure("corrupt", reason);
  }
  const warning = "Only the bare text could be read; headings and tables were not recognised.";
  return { blocks, warnings: [warning] };
}

function read(xml: string): readonly Block[] {
  const blocks: Block[] = [];
  let paragraph = "";
  let isText = false;
  readMarkup(
    xml,
    {
      open(name) {
        isText = name === "w:t";
        if (name === "w:tab" || name === "w:br" || name === "w:cr") paragraph += " ";
      },
      close(name) {
        isText = false;
        if (name !== "w:p") return;
        if (paragraph.trim() !== "") blocks.push({ kind: "paragraph", text: paragraph.trim() });
        paragraph = "";
      },
      text(text) {
        if (isText) paragraph += text;
      },
    },
    { isXml: true },
  );
  return blocks;
}
