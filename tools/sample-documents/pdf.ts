import type { Block } from "./blocks.ts";

// A4 in points, and a text block that leaves room for the page number.
const page = { width: 595, height: 842, left: 62, top: 776, bottom: 76 };

/** How a kind of block is set: font, size and leading in points, and characters in a line. */
type Style = {
  readonly font: "F1" | "F2";
  readonly size: number;
  readonly leading: number;
  readonly before: number;
  readonly charsMax: number;
};

const body: Style = { font: "F1", size: 10.5, leading: 15, before: 8, charsMax: 86 };
const headings: Readonly<Record<1 | 2, Style>> = {
  1: { font: "F2", size: 22, leading: 28, before: 0, charsMax: 40 },
  2: { font: "F2", size: 13.5, leading: 19, before: 16, charsMax: 64 },
};

type Line = { readonly text: string; readonly style: Style; readonly before: number };

/**
 * Writes a PDF 1.4 with a text layer in the standard fonts, one content stream per page, uncompressed
 * so that a reader can follow it. Text must be Latin-1. The same blocks give the same bytes.
 */
export function writePdf(title: string, blocks: readonly Block[]): Buffer {
  const pages = paginate(blocks.flatMap(linesOf));
  const objects: string[] = [
    "<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, i) => `${6 + 2 * i} 0 R`).join(" ")}] >>`,
    fontObject("Helvetica"),
    fontObject("Helvetica-Bold"),
    `<< /Title (${escapeText(title)}) /Author (Pellwick Instruments) /CreationDate (D:20260202090000Z) >>`,
  ];
  pages.forEach((lines, index) => {
    const content = pageContent(lines, `${index + 1} / ${pages.length}`);
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${page.width} ${page.height}] ` +
        `/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${7 + 2 * index} 0 R >>`,
      `<< /Length ${Buffer.byteLength(content, "latin1")} >>\nstream\n${content}\nendstream`,
    );
  });
  return assemble(objects);
}

function fontObject(name: string): string {
  return `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
}

function linesOf(block: Block): readonly Line[] {
  const style = block.kind === "heading" ? headings[block.level] : body;
  const text = block.kind === "item" ? `- ${block.text}` : block.text;
  return wrap(text, style.charsMax).map((line, index) => ({
    text: line,
    style,
    before: index === 0 ? style.before : 0,
  }));
}

function wrap(text: string, charsMax: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > charsMax) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** A heading moves to the next page when no two lines of its text would fit below it. */
function paginate(lines: readonly Line[]): readonly (readonly Line[])[] {
  const pages: Line[][] = [[]];
  let y = page.top;
  for (const line of lines) {
    const need =
      line.before + line.style.leading + (line.style === headings[2] ? 2 * body.leading : 0);
    if (y - need < page.bottom) {
      pages.push([]);
      y = page.top;
    }
    pages.at(-1)?.push(line);
    y -= line.before + line.style.leading;
  }
  return pages;
}

function pageContent(lines: readonly Line[], footer: string): string {
  let y = page.top;
  const drawn = lines.map(({ text, style, before }) => {
    y -= before + style.leading;
    return `/${style.font} ${style.size} Tf 1 0 0 1 ${page.left} ${y} Tm (${escapeText(text)}) Tj`;
  });
  const number = `/F1 8.5 Tf 1 0 0 1 ${page.width / 2 - 10} 44 Tm (${footer}) Tj`;
  return ["BT", ...drawn, number, "ET"].join("\n");
}

function escapeText(text: string): string {
  return text.replaceAll(/[\\()]/g, (char) => `\\${char}`);
}

function assemble(objects: readonly string[]): Buffer {
  let text = "%PDF-1.4\n";
  const offsets: number[] = [];
  objects.forEach((object, index) => {
    offsets.push(Buffer.byteLength(text, "latin1"));
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
  });
  const start = Buffer.byteLength(text, "latin1");
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  text += `xref\n0 ${size}\n0000000000 65535 f \n${rows}`;
  text += `trailer\n<< /Size ${size} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, "latin1");
}
