import { makeZip } from "./zip-file.ts";
import type { ZipPart } from "./zip-file.ts";

/** What an OpenDocument file is made of; `kind` is the end of its media type. */
export type OdfFile = {
  readonly kind: string;
  /** What stands in `office:body`, with the element of the kind. */
  readonly body: string;
  /** Automatic styles of the content. */
  readonly automatic?: string;
  /** Named styles. */
  readonly styles?: string;
  readonly title?: string;
  readonly doctype?: string;
  /** Parts whose entry in the manifest says that they are encrypted. */
  readonly encrypted?: readonly string[];
  readonly more?: readonly ZipPart[];
};

const declaration = '<?xml version="1.0" encoding="UTF-8"?>';

/** An OpenDocument file as programs write it: the media type first and stored, then the parts. */
export function makeOdf(file: OdfFile): Buffer {
  const content = `<office:document-content><office:automatic-styles>${file.automatic ?? ""}</office:automatic-styles><office:body>${file.body}</office:body></office:document-content>`;
  const type = `application/vnd.oasis.opendocument.${file.kind}`;
  return makeZip([
    { name: "mimetype", content: type, isStored: true },
    { name: "content.xml", content: `${declaration}${file.doctype ?? ""}${content}` },
    {
      name: "styles.xml",
      content: `${declaration}<office:document-styles><office:styles>${file.styles ?? ""}</office:styles><office:master-styles><style:master-page><style:header><text:p>Page header</text:p></style:header></style:master-page></office:master-styles></office:document-styles>`,
    },
    {
      name: "meta.xml",
      content: `${declaration}<office:document-meta><office:meta><meta:generator>Maker</meta:generator><dc:title>${file.title ?? ""}</dc:title></office:meta></office:document-meta>`,
    },
    { name: "META-INF/manifest.xml", content: manifestOf(type, file.encrypted ?? []) },
    ...(file.more ?? []),
  ]);
}

function manifestOf(type: string, encrypted: readonly string[]): string {
  const entries = ["content.xml", "styles.xml", "meta.xml", "Pictures/a.png", ...encrypted];
  const rows = [...new Set(entries)].map((name) => {
    const data = `<manifest:encryption-data manifest:checksum-type="SHA256/1K"><manifest:algorithm/></manifest:encryption-data>`;
    const inner = encrypted.includes(name) ? data : "";
    return `<manifest:file-entry manifest:full-path="${name}" manifest:media-type="">${inner}</manifest:file-entry>`;
  });
  // Old files have this declaration; it is harmless.
  const doctype = '<!DOCTYPE manifest:manifest PUBLIC "-//M//DTD 1.0//EN" "Manifest.dtd">';
  const root = `<manifest:file-entry manifest:full-path="/" manifest:media-type="${type}"/>`;
  return `${declaration}${doctype}<manifest:manifest>${root}${rows.join("")}</manifest:manifest>`;
}

/** A text document of the XML of its body. */
export function makeOdt(body: string, options: Partial<OdfFile> = {}): Buffer {
  return makeOdf({ kind: "text", ...options, body: `<office:text>${body}</office:text>` });
}

/** A spreadsheet of sheets given as the XML of their rows. */
export function makeOds(
  sheets: readonly { readonly name: string; readonly rows: string; readonly style?: string }[],
  options: Partial<OdfFile> = {},
): Buffer {
  const tables = sheets.map(
    ({ name, rows, style = "ta1" }) =>
      `<table:table table:name="${name}" table:style-name="${style}"><table:table-column table:number-columns-repeated="1024"/>${rows}</table:table>`,
  );
  const body = `<office:spreadsheet>${tables.join("")}</office:spreadsheet>`;
  return makeOdf({ kind: "spreadsheet", ...options, body });
}

/** A presentation of slides given as the XML of their shapes and notes. */
export function makeOdp(slides: readonly string[], options: Partial<OdfFile> = {}): Buffer {
  const pages = slides.map(
    (slide, at) => `<draw:page draw:name="page${at + 1}">${slide}</draw:page>`,
  );
  const body = `<office:presentation><presentation:footer-decl presentation:name="f">Footer of all</presentation:footer-decl>${pages.join("")}</office:presentation>`;
  return makeOdf({ kind: "presentation", ...options, body });
}

/** A paragraph. */
export function odfParagraph(text: string, style = "Standard"): string {
  return `<text:p text:style-name="${style}">${text}</text:p>`;
}

/** A cell of a table; further attributes come as they are written. */
export function odfCell(text: string, attributes = ""): string {
  return `<table:table-cell ${attributes}>${odfParagraph(text)}</table:table-cell>`;
}

/** A row of a table. */
export function odfRow(cells: readonly string[], attributes = ""): string {
  return `<table:table-row ${attributes}>${cells.join("")}</table:table-row>`;
}

/** A frame with paragraphs on a slide; `kind` is its presentation class. */
export function odfFrame(lines: readonly string[], kind?: string, attributes = ""): string {
  const placed = kind === undefined ? "" : `presentation:class="${kind}"`;
  const text = lines.map((line) => odfParagraph(line)).join("");
  return `<draw:frame ${placed} ${attributes}><draw:text-box>${text}</draw:text-box></draw:frame>`;
}
