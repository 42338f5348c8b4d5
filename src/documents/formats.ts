const formatNames = [
  ...(["txt", "md", "html", "json", "xml", "xslt", "csv"] as const),
  ...(["pdf", "docx", "doc", "pptx", "ppt", "xlsx", "xls", "rtf"] as const),
  ...(["odt", "ods", "odp"] as const),
] as const;

/**
 * Every format the service lists, and the OpenDocument formats, which an operator may choose to have
 * read; `readers.ts` has a reader for each.
 */
export type Format = (typeof formatNames)[number];

/** What becomes of OpenDocument files, which the service does not read. */
export type OpenDocumentFormats = "skip" | "read";

/** How a format's bytes are told apart: text, a zip container, an old office container, itself. */
export type Container = "text" | "zip" | "ole" | "pdf" | "rtf";

type FormatFacts = {
  /** For messages. */
  readonly label: string;
  readonly container: Container;
  readonly extensions: readonly string[];
  /** Value of `contentType` in BatchPutDocument; formats that the service does not list have none. */
  readonly contentType?: string;
  /** Of a format that the service does not list: the listed one whose limits it shares. */
  readonly counterpart?: Format;
};

/** Source: Amazon Q Business user guide, "Supported document formats". */
export const formats: Readonly<Record<Format, FormatFacts>> = {
  txt: facts("plain text", "text", "PLAIN_TEXT", "txt text log"),
  md: facts("Markdown", "text", "MD", "md markdown"),
  html: facts("HTML", "text", "HTML", "html htm xhtml"),
  json: facts("JSON", "text", "JSON", "json jsonl ndjson"),
  xml: facts("XML", "text", "XML", "xml"),
  xslt: facts("XSLT", "text", "XSLT", "xsl xslt"),
  csv: facts("CSV", "text", "CSV", "csv tsv"),
  pdf: facts("PDF", "pdf", "PDF", "pdf"),
  docx: facts("Word", "zip", "MS_WORD", "docx docm dotx"),
  doc: facts("Word 97", "ole", "MS_WORD", "doc dot"),
  pptx: facts("PowerPoint", "zip", "PPT", "pptx pptm ppsx"),
  ppt: facts("PowerPoint 97", "ole", "PPT", "ppt pps"),
  xlsx: facts("Excel", "zip", "MS_EXCEL", "xlsx xlsm"),
  xls: facts("Excel 97", "ole", "MS_EXCEL", "xls"),
  rtf: facts("RTF", "rtf", "RTF", "rtf"),
  odt: byChoice("OpenDocument text", "docx", "odt ott"),
  ods: byChoice("OpenDocument spreadsheet", "xlsx", "ods ots"),
  odp: byChoice("OpenDocument presentation", "pptx", "odp otp"),
};

function facts(
  label: string,
  container: Container,
  contentType: string,
  extensions: string,
): FormatFacts {
  return { label, container, contentType, extensions: extensions.split(" ") };
}

function byChoice(label: string, counterpart: Format, extensions: string): FormatFacts {
  return { label, container: "zip", counterpart, extensions: extensions.split(" ") };
}

const byExtension = new Map(
  formatNames.flatMap((format) =>
    formats[format].extensions.map((extension): [string, Format] => [extension, format]),
  ),
);

/** The extension of a file's name or key, in lower case; empty where it has none. */
export function extensionOf(fileName: string): string {
  const name = fileName.slice(fileName.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/** The format a file name's extension stands for, also where nobody chose to have it read. */
export function formatOfExtension(extension: string): Format | undefined {
  return byExtension.get(extension);
}

/** Whether a file's name promises a format that is read only where an operator chooses it. */
export function isNamedByChoice(fileName: string): boolean {
  const format = formatOfExtension(extensionOf(fileName));
  return format !== undefined && formats[format].counterpart !== undefined;
}

/** The format whose published limits hold for a format. */
export function listedFormat(format: Format): Format {
  return formats[format].counterpart ?? format;
}

/** The formats a `contentType` may mean: `MS_WORD` is both the old and the new one. */
export function formatsOfContentType(contentType: string): readonly Format[] {
  return formatNames.filter((format) => formats[format].contentType === contentType);
}
