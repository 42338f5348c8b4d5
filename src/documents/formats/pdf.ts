import { getDocumentProxy } from "unpdf";
import type { Extraction } from "../block.ts";
import { DocumentFailure } from "../failure.ts";
import { documentLimits } from "../limits.ts";
import { authoredTitle } from "./title.ts";
import { pdfBlocks } from "./pdf-lines.ts";
import type { PdfLine } from "./pdf-lines.ts";

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;
type Item = {
  readonly str: string;
  readonly hasEOL: boolean;
  readonly height: number;
  readonly transform: readonly number[];
};

/**
 * Reads the text layer of a PDF, page by page; pages count from 1. Headings are lines set larger
 * than the body. Pictures of text are not read. A page that cannot be read is left out with a
 * warning; it is an error only when no page can.
 */
export async function readPdf(bytes: Uint8Array): Promise<Extraction> {
  const pdf = await open(bytes);
  const pages: (readonly PdfLine[])[] = [];
  const damaged: number[] = [];
  let length = 0;
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const lines = await readPage(pdf, number);
    if (lines === undefined) damaged.push(number);
    pages.push(lines ?? []);
    length += (lines ?? []).reduce((sum, line) => sum + line.text.length, 0);
    if (length > documentLimits.textBytesMax) break;
  }
  if (damaged.length === pdf.numPages) throw corrupt();
  const title = await readTitle(pdf);
  const blocks = pdfBlocks(pages);
  const name = title ?? blocks.find((block) => block.kind === "heading" && block.page === 1)?.text;
  return {
    ...(name === undefined ? {} : { title: name }),
    blocks,
    pages: pdf.numPages,
    warnings:
      damaged.length === 0
        ? []
        : [`Pages that could not be read: ${damaged.slice(0, 20).join(", ")}.`],
  };
}

async function open(bytes: Uint8Array): Promise<Pdf> {
  try {
    // No text needs code made from the document, fonts of the system or the network.
    return await getDocumentProxy(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), {
      useSystemFonts: false,
      disableFontFace: true,
      disableAutoFetch: true,
      disableStream: true,
      verbosity: 0,
    });
  } catch (error) {
    if (nameOf(error) === "PasswordException") {
      const reason = "The PDF is protected by a password. Save it without one and add it again.";
      throw new DocumentFailure("encrypted", reason);
    }
    throw corrupt();
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

function corrupt(): DocumentFailure {
  const reason = "The PDF is damaged and cannot be read. Export it again from where it came from.";
  return new DocumentFailure("corrupt", reason);
}

async function readPage(pdf: Pdf, number: number): Promise<readonly PdfLine[] | undefined> {
  try {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent({ disableNormalization: true });
    page.cleanup();
    return toLines(items.filter((item) => "str" in item));
  } catch {
    // The parser has many kinds of errors for damaged pages; the others may still be fine.
    return undefined;
  }
}

function toLines(items: readonly Item[]): readonly PdfLine[] {
  const lines: PdfLine[] = [];
  let text = "";
  let height = 0;
  let y: number | undefined;
  const close = (): void => {
    const clean = plainLetters(text.replaceAll("\0", "").toWellFormed());
    if (text !== "") lines.push({ text: clean, height, y: y ?? 0 });
    text = "";
    height = 0;
    y = undefined;
  };
  for (const item of items) {
    text += item.str;
    if (item.str.trim() !== "") {
      height = Math.max(height, letterHeight(item));
      y ??= item.transform[5] ?? 0;
    }
    if (item.hasEOL) close();
  }
  close();
  return lines;
}

function letterHeight(item: Item): number {
  return Math.hypot(item.transform[2] ?? 0, item.transform[3] ?? 0) || item.height;
}

/**
 * Ligatures and Arabic letter forms as the letters they stand for. The library could do this, but
 * before it brings right-to-left text in order, which turns the letters of a ligature round.
 */
function plainLetters(text: string): string {
  return text.replace(/[\ufb00-\ufdff\ufe70-\ufefc]+/g, (letters) => letters.normalize("NFKC"));
}

async function readTitle(pdf: Pdf): Promise<string | undefined> {
  try {
    const info: unknown = (await pdf.getMetadata()).info;
    const title =
      typeof info === "object" && info !== null && "Title" in info ? info.Title : undefined;
    return typeof title === "string" ? authoredTitle(title) : undefined;
  } catch {
    // A broken title is no reason to lose the text.
    return undefined;
  }
}
