import { makeZip } from "./zip-file.ts";
import type { ZipPart } from "./zip-file.ts";

const relationships = "http://schemas.openxmlformats.org/package/2006/relationships";
const officeDocument =
  "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument";
const main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/** A paragraph of a Word document; `style` is for example `Heading1`. */
export function wordParagraph(text: string, style?: string): string {
  const properties = style === undefined ? "" : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`;
  return `<w:p>${properties}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;
}

/** A table of a Word document. */
export function wordTable(rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[]): string =>
    row.map((cell) => `<w:tc>${wordParagraph(cell)}</w:tc>`).join("");
  return `<w:tbl>${rows.map((row) => `<w:tr>${cells(row)}</w:tr>`).join("")}</w:tbl>`;
}

/** A Word document with the given body, the styles `Title` and `Heading1` to `Heading3`. */
export function makeDocx(
  body: string,
  options: {
    readonly title?: string;
    readonly more?: readonly ZipPart[];
    readonly doctype?: string;
  } = {},
): Buffer {
  const styles = ["Title", "heading 1", "heading 2", "heading 3"]
    .map((name) => {
      const id = name.replace("heading ", "Heading");
      return `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/></w:style>`;
    })
    .join("");
  const title = options.title ?? "";
  return makeZip([
    {
      name: "[Content_Types].xml",
      content: `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
    },
    {
      name: "_rels/.rels",
      content: `<Relationships xmlns="${relationships}"><Relationship Id="r1" Type="${officeDocument}" Target="word/document.xml"/></Relationships>`,
    },
    {
      name: "docProps/core.xml",
      content: `<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:title>${title}</dc:title></cp:coreProperties>`,
    },
    {
      name: "word/styles.xml",
      content: `<w:styles xmlns:w="${main}">${styles}</w:styles>`,
    },
    {
      name: "word/document.xml",
      content: `<?xml version="1.0"?>${options.doctype ?? ""}<w:document xmlns:w="${main}"><w:body>${body}</w:body></w:document>`,
    },
    ...(options.more ?? []),
  ]);
}
