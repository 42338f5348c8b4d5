import mammoth from "mammoth";
import type { Extraction } from "../block.ts";
import { authoredTitle } from "./title.ts";
import { readWordText } from "./docx-text.ts";
import { readHtml } from "./html.ts";
import { openOfficeFile, writtenTitle } from "./office-parts.ts";
import type { OfficeParts } from "./office-parts.ts";

const styleMap = ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => h2:fresh"];

/**
 * Reads DOCX: headings, paragraphs, lists, tables and notes. Word files have no pages of their own.
 * `isFallback` reads the bare text without the structure, for files the real reader cannot take.
 */
export async function readDocx(bytes: Buffer, isFallback: boolean): Promise<Extraction> {
  const parts = openOfficeFile(bytes);
  // The library trusts the sizes in the directory; here every part it may read proves its own first.
  for (const name of parts.names) {
    if (/\.(?:xml|rels)$/i.test(name)) parts.text(name);
  }
  const extraction = isFallback ? readWordText(parts) : await structured(bytes, parts);
  const title = authoredTitle(writtenTitle(parts)) ?? extraction.title;
  return { ...extraction, ...(title === undefined ? {} : { title }) };
}

async function structured(bytes: Buffer, parts: OfficeParts): Promise<Extraction> {
  let html: string;
  try {
    const options = { styleMap, convertImage: noImages, externalFileAccess: false };
    html = (await mammoth.convertToHtml({ buffer: bytes }, options)).value;
  } catch {
    // The library throws many kinds of errors on odd files; the bare text may still be there.
    return readWordText(parts);
  }
  return readHtml(html);
}

const noImages = mammoth.images.imgElement(() => Promise.resolve({ src: "" }));
