import { DocumentFailure } from "../failure.ts";
import type { Format } from "../formats.ts";
import { readZipEntry } from "../zip.ts";
import type { ZipEntry } from "../zip.ts";

const prefix = "application/vnd.oasis.opendocument.";
const typeBytesMax = 256;

/** Kinds of OpenDocument files that hold text to read; templates count as what they are for. */
const kinds: Readonly<Record<string, Format>> = {
  text: "odt",
  "text-template": "odt",
  spreadsheet: "ods",
  "spreadsheet-template": "ods",
  presentation: "odp",
  "presentation-template": "odp",
};

/**
 * Which OpenDocument format a zip container is by its `mimetype` part; `undefined` for drawings,
 * databases and everything else. Source: OASIS OpenDocument 1.3 part 2, "MIME Type Stream".
 */
export function openDocumentFormat(
  bytes: Buffer,
  entries: readonly ZipEntry[],
): Format | undefined {
  const entry = entries.find(({ name }) => name === "mimetype");
  if (entry === undefined || entry.unpackedBytes > typeBytesMax) return undefined;
  const type = textOf(bytes, entry).trim();
  const kind = type.startsWith(prefix) ? type.slice(prefix.length) : "";
  return Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
}

/** Whoever only looks at a file must not trip over a damaged part of it. */
function textOf(bytes: Buffer, entry: ZipEntry): string {
  try {
    return readZipEntry(bytes, entry).toString("latin1");
  } catch (error) {
    if (error instanceof DocumentFailure) return "";
    throw error;
  }
}
