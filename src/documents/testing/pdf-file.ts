/** A line of text to set on a page: its size and its place in points, from the bottom left. */
export type PdfTestLine = { readonly text: string; readonly size: number; readonly y: number };

/** Makes a PDF with one page per list of lines, in Helvetica; lines are Latin without brackets. */
export function makePdf(
  pages: readonly (readonly PdfTestLine[])[],
  options: { readonly title?: string } = {},
): Buffer {
  const firstPage = 4;
  const kids = pages.map((_, index) => `${firstPage + 2 * index} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...pages.flatMap((lines, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${firstPage + 2 * index + 1} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      stream(lines),
    ]),
    `<< /Title (${options.title ?? ""}) >>`,
  ];
  return assemble(objects);
}

function stream(lines: readonly PdfTestLine[]): string {
  const show = ({ text, size, y }: PdfTestLine): string =>
    `BT /F1 ${size} Tf 72 ${y} Td (${text}) Tj ET`;
  const content = lines.map(show).join("\n");
  return `<< /Length ${content.length} >>\nstream\n${content}\nendstream`;
}

function assemble(objects: readonly string[]): Buffer {
  let text = "%PDF-1.4\n";
  const offsets: number[] = [];
  for (const [index, object] of objects.entries()) {
    offsets.push(text.length);
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  const trailer = `trailer\n<< /Size ${size} /Root 1 0 R /Info ${objects.length} 0 R >>`;
  const start = text.length;
  text += `xref\n0 ${size}\n0000000000 65535 f \n${table}${trailer}\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, "latin1");
}
