import type { Extraction } from "./block.ts";
import { declaredEncoding } from "./declared-encoding.ts";
import { decodeText } from "./encoding.ts";
import type { Format } from "./formats.ts";
import { readHtml } from "./formats/html.ts";
import { readJson } from "./formats/json.ts";
import { readMarkdown } from "./formats/markdown.ts";
import { readText } from "./formats/text.ts";
import { readXml } from "./formats/xml.ts";

/** Reads the bytes of one format as blocks; throws `DocumentFailure`. */
export type Reader = {
  readonly read: (bytes: Buffer, isFallback: boolean) => Promise<Extraction>;
  /** Whether `isFallback` reads in another way, worth a second attempt after a crash. */
  readonly hasFallback?: boolean;
};

/** One reader per format. Heavy ones are loaded when their first document comes. */
export const readers: Readonly<Record<Format, Reader>> = {
  txt: text("txt", readText),
  md: text("md", readMarkdown),
  html: text("html", readHtml),
  json: text("json", readJson),
  xml: text("xml", readXml),
  xslt: text("xslt", readXml),
  csv: text("csv", async (csv) => (await import("./formats/csv.ts")).readCsv(csv)),
  pdf: { read: async (bytes) => (await import("./formats/pdf.ts")).readPdf(bytes) },
  docx: {
    read: async (bytes, isFallback) =>
      (await import("./formats/docx.ts")).readDocx(bytes, isFallback),
    hasFallback: true,
  },
  pptx: { read: async (bytes) => (await import("./formats/pptx.ts")).readPptx(bytes) },
  doc: { read: async (bytes) => (await import("./formats/doc.ts")).readDoc(bytes) },
  ppt: { read: async (bytes) => (await import("./formats/ppt.ts")).readPpt(bytes) },
  xls: { read: async (bytes) => (await import("./formats/xls.ts")).readXls(bytes) },
  rtf: { read: async (bytes) => (await import("./formats/rtf.ts")).readRtf(bytes) },
  xlsx: { read: async (bytes) => (await import("./formats/xlsx.ts")).readXlsx(bytes) },
  odt: { read: async (bytes) => (await import("./formats/odt.ts")).readOdt(bytes) },
  ods: { read: async (bytes) => (await import("./formats/ods.ts")).readOds(bytes) },
  odp: { read: async (bytes) => (await import("./formats/odp.ts")).readOdp(bytes) },
};

function text(format: Format, read: (text: string) => Extraction | Promise<Extraction>): Reader {
  return {
    async read(bytes) {
      const decoded = decodeText(bytes, declaredEncoding(bytes, format));
      const extraction = await read(decoded.text);
      return { ...extraction, warnings: [...decoded.warnings, ...extraction.warnings] };
    },
  };
}
