import type { Format } from "../../documents/documents.ts";

const office = "application/vnd.openxmlformats-officedocument";
const openDocument = "application/vnd.oasis.opendocument";

/** Media types of the formats ("Media Types", IANA). */
const mimeTypes: Readonly<Record<Format, string>> = {
  txt: "text/plain",
  md: "text/markdown",
  html: "text/html",
  json: "application/json",
  xml: "application/xml",
  xslt: "application/xslt+xml",
  csv: "text/csv",
  pdf: "application/pdf",
  docx: `${office}.wordprocessingml.document`,
  doc: "application/msword",
  pptx: `${office}.presentationml.presentation`,
  ppt: "application/vnd.ms-powerpoint",
  xlsx: `${office}.spreadsheetml.sheet`,
  xls: "application/vnd.ms-excel",
  rtf: "application/rtf",
  odt: `${openDocument}.text`,
  ods: `${openDocument}.spreadsheet`,
  odp: `${openDocument}.presentation`,
};

/** Formats whose files are compressed already. */
const packed: ReadonlySet<string> = new Set<Format>([
  ...(["pdf", "docx", "pptx", "xlsx"] as const),
  ...(["odt", "ods", "odp"] as const),
]);

/** The media type of a format. */
export function mimeTypeOf(format: Format): string {
  return mimeTypes[format];
}

/** Whether compression makes files of a format smaller. */
export function isCompressible(format: Format): boolean {
  return !packed.has(format);
}
