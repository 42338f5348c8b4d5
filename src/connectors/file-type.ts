import { baseName } from "./key-paths.ts";
import type { ContentType } from "./metadata-file.ts";

/** Extensions of the supported formats. The bytes decide later; this is what a listing can tell. */
const typeOfExtension: Readonly<Record<string, ContentType>> = {
  pdf: "PDF",
  html: "HTML",
  htm: "HTML",
  xhtml: "HTML",
  doc: "MS_WORD",
  docx: "MS_WORD",
  txt: "PLAIN_TEXT",
  text: "PLAIN_TEXT",
  ppt: "PPT",
  pptx: "PPT",
  rtf: "RTF",
  xml: "XML",
  xslt: "XSLT",
  xsl: "XSLT",
  xls: "MS_EXCEL",
  xlsx: "MS_EXCEL",
  csv: "CSV",
  json: "JSON",
  md: "MD",
  markdown: "MD",
};

/** The content type that a key's extension promises, if it is one of the supported formats. */
export function fileTypeOf(key: string): ContentType | undefined {
  const name = baseName(key);
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return Object.hasOwn(typeOfExtension, extension) ? typeOfExtension[extension] : undefined;
}
