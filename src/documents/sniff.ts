import { extensionOf, formatOfExtension, formats, formatsOfContentType } from "./formats.ts";
import type { Container, Format, OpenDocumentFormats } from "./formats.ts";
import { openDocumentFormat } from "./formats/odf-type.ts";
import { signatures } from "./signatures.ts";
import { readZipDirectory } from "./zip.ts";

/** What a document is, or why it cannot be one. */
export type Sniffed =
  | { readonly outcome: "known"; readonly format: Format }
  | { readonly outcome: "unsupported"; readonly reason: string }
  | { readonly outcome: "failed"; readonly code: "corrupt" | "encrypted"; readonly reason: string };

/** What the bytes themselves say. */
type Found =
  | { readonly kind: "format"; readonly format: Format }
  | { readonly kind: "container"; readonly container: Container }
  | { readonly kind: "encrypted" }
  | { readonly kind: "foreign"; readonly label: string };

const controlShareMax = 0.1;
const sampleBytes = 65_536;
const openDocumentOrEpub: Found = { kind: "foreign", label: "an OpenDocument or EPUB file" };

/**
 * Decides a document's format. A given `contentType` (BatchPutDocument's values) wins as long as the
 * bytes could be that; otherwise the bytes decide; the name's extension only tells text formats
 * apart. Source: Amazon Q Business user guide, "Supported document formats", and API reference,
 * "Document". OpenDocument files are foreign, as they are to the service, until `openDocumentFormats`
 * is `read`; no content type stands for them, so one that is declared never fits.
 */
export function sniff(
  bytes: Buffer,
  hints: {
    readonly fileName: string;
    readonly contentType?: string;
    readonly openDocumentFormats?: OpenDocumentFormats;
  },
): Sniffed {
  const isRead = (format: Format): boolean =>
    formats[format].counterpart === undefined || hints.openDocumentFormats === "read";
  const seen = look(bytes);
  const found = seen.kind === "format" && !isRead(seen.format) ? openDocumentOrEpub : seen;
  if (found.kind === "encrypted") {
    const reason = "The file is protected by a password. Save it without one and add it again.";
    return { outcome: "failed", code: "encrypted", reason };
  }
  const extension = extensionOf(hints.fileName);
  if (hints.contentType !== undefined) {
    return declared(found, formatsOfContentType(hints.contentType), hints.contentType);
  }
  if (found.kind === "format") return { outcome: "known", format: found.format };
  const named = formatOfExtension(extension);
  const wanted = named !== undefined && isRead(named) ? named : undefined;
  return byExtension(found, wanted, extension, bytes);
}

function declared(found: Found, wanted: readonly Format[], contentType: string): Sniffed {
  if (wanted.length === 0) {
    return { outcome: "unsupported", reason: `The content type "${contentType}" is not known.` };
  }
  const exact = wanted.find((format) => found.kind === "format" && found.format === format);
  const possible = wanted.find(
    (format) => found.kind === "container" && formats[format].container === found.container,
  );
  const format = exact ?? possible;
  if (format !== undefined) return { outcome: "known", format };
  const reason = `The document is declared as ${contentType} but contains ${labelOf(found)}. Declare the right content type or leave it out.`;
  return { outcome: "failed", code: "corrupt", reason };
}

function byExtension(
  found: Exclude<Found, { kind: "format" }>,
  wanted: Format | undefined,
  extension: string,
  bytes: Buffer,
): Sniffed {
  const isText = found.kind === "container" && found.container === "text";
  if (wanted !== undefined) {
    if (found.kind === "container" && formats[wanted].container === found.container) {
      return { outcome: "known", format: wanted };
    }
    const reason = `The name ends in .${extension} but the file contains ${labelOf(found)}. Upload the original file again.`;
    return { outcome: "failed", code: "corrupt", reason };
  }
  if (isText) return plainOrUnknown(extension, bytes);
  return foreign(labelOf(found));
}

/** Text without a telling extension: markup shows itself, source code and the like is not listed. */
function plainOrUnknown(extension: string, bytes: Buffer): Sniffed {
  const head = bytes
    .toString("latin1", 0, 1024)
    .replace(/^[\xef\xbb\xbf\s]+/, "")
    .toLowerCase();
  if (head.startsWith("<!doctype html") || head.startsWith("<html")) {
    return { outcome: "known", format: "html" };
  }
  if (head.startsWith("<?xml")) return { outcome: "known", format: "xml" };
  if (/^[a-z][a-z0-9]{0,9}$/.test(extension)) {
    const reason = `Files with the extension .${extension} are not supported. Rename it to .txt to have it read as plain text.`;
    return { outcome: "unsupported", reason };
  }
  return { outcome: "known", format: "txt" };
}

function foreign(label: string): Sniffed {
  const reason = `The file is ${label}, which is not a supported document format. Convert it to PDF, for example.`;
  return { outcome: "unsupported", reason };
}

function labelOf(found: Found): string {
  if (found.kind === "foreign") return found.label;
  if (found.kind === "format") return `${formats[found.format].label} data`;
  if (found.kind === "encrypted") return "encrypted data";
  return found.container === "text" ? "plain text" : "unknown data";
}

function look(bytes: Buffer): Found {
  const textual = isText(bytes);
  for (const { magic, offset = 0, found, isWord = false } of signatures) {
    // A text may begin with the same letters: "BMW", "MZ", "GIF89".
    if (isWord && textual) continue;
    if (bytes.subarray(offset, offset + magic.length).equals(magic)) return detail(bytes, found);
  }
  // The header of a PDF may stand anywhere in the first 1024 bytes.
  if (bytes.subarray(0, 1024).includes("%PDF-")) return { kind: "format", format: "pdf" };
  if (textual) return { kind: "container", container: "text" };
  return { kind: "foreign", label: "data of an unknown kind" };
}

function detail(bytes: Buffer, found: Container | string): Found {
  if (found === "zip") return insideZip(bytes);
  if (found === "ole") return insideOle(bytes);
  if (found === "pdf" || found === "rtf") return { kind: "format", format: found };
  return { kind: "foreign", label: found };
}

function insideZip(bytes: Buffer): Found {
  const entries = readZipDirectory(bytes);
  // Cut off: the name has to say what it was meant to be.
  if (entries === undefined) return { kind: "container", container: "zip" };
  const names = new Set(entries.map((entry) => entry.name.replaceAll("\\", "/")));
  if (names.has("word/document.xml")) return { kind: "format", format: "docx" };
  if (names.has("ppt/presentation.xml")) return { kind: "format", format: "pptx" };
  if (names.has("xl/workbook.xml")) return { kind: "format", format: "xlsx" };
  const openDocument = openDocumentFormat(bytes, entries);
  if (openDocument !== undefined) return { kind: "format", format: openDocument };
  if (names.has("mimetype")) return openDocumentOrEpub;
  // The main part of an office file may have any name; its folder hardly ever does.
  const isOffice = names.has("[Content_Types].xml");
  const starts = (folder: string): boolean =>
    isOffice && entries.some((entry) => entry.name.startsWith(folder));
  if (starts("word/")) return { kind: "format", format: "docx" };
  if (starts("ppt/")) return { kind: "format", format: "pptx" };
  if (starts("xl/")) return { kind: "format", format: "xlsx" };
  return { kind: "foreign", label: "a zip archive" };
}

function insideOle(bytes: Buffer): Found {
  const has = (stream: string): boolean => bytes.includes(Buffer.from(stream, "utf16le"));
  if (has("EncryptedPackage")) return { kind: "encrypted" };
  if (has("WordDocument")) return { kind: "format", format: "doc" };
  if (has("PowerPoint Document")) return { kind: "format", format: "ppt" };
  if (has("Workbook") || has("Book\0")) return { kind: "format", format: "xls" };
  return { kind: "foreign", label: "an old office or installer file of an unknown kind" };
}

/** Few control characters, or UTF-16. */
function isText(bytes: Buffer): boolean {
  const sample = bytes.subarray(0, sampleBytes);
  if (sample.length === 0) return true;
  const mark = sample.readUInt8(0) * 256 + (sample[1] ?? 0);
  if (mark === 0xfffe || mark === 0xfeff) return true;
  let control = 0;
  let nul = 0;
  for (const byte of sample) {
    if (byte === 0) nul += 1;
    else if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127) control += 1;
  }
  // Half of UTF-16 without a mark is NUL, and hardly anything else in it is a control character.
  const isWide = nul > sample.length * 0.3 && nul < sample.length * 0.6 && control === 0;
  return isWide || control + nul <= sample.length * controlShareMax;
}
