import mammoth from "mammoth";
import type { Extraction } from "../block.ts";
import { DocumentFailure } from "../failure.ts";
import { checkZip, readZipDirectory, readZipEntry } from "../zip.ts";
import { readHtml } from "./html.ts";
import { readMarkup } from "./markup.ts";
import { authoredTitle } from "./title.ts";
import { readWordText } from "./docx-text.ts";

const styleMap = ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => h2:fresh"];

/**
 * Reads DOCX: headings, paragraphs, lists, tables and notes. Word files have no pages of their own.
 * `isFallback` reads the bare text without the structure, for files the real reader cannot take.
 */
export async function readDocx(bytes: Buffer, isFallback: boolean): Promise<Extraction> {
  const entries = readZipDirectory(bytes);
  if (entries === undefined) throw cutOff();
  checkZip(entries, bytes.length);
  // The library trusts the sizes in the directory; here every part proves them first.
  const parts = new Map(
    entries
      .filter((entry) => /\.(?:xml|rels)$/i.test(entry.name))
      .map((entry): [string, Buffer] => [entry.name, readZipEntry(bytes, entry)]),
  );
  const extraction = isFallback ? readWordText(parts) : await structured(bytes, parts);
  const title = readTitle(parts) ?? extraction.title;
  return { ...extraction, ...(title === undefined ? {} : { title }) };
}

async function structured(bytes: Buffer, parts: ReadonlyMap<string, Buffer>): Promise<Extraction> {
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

function readTitle(parts: ReadonlyMap<string, Buffer>): string | undefined {
  const core = parts.get("docProps/core.xml");
  if (core === undefined) return undefined;
  let isTitle = false;
  let title = "";
  readMarkup(
    core.toString("utf8"),
    {
      open: (name) => void (isTitle = name === "dc:title"),
      close: () => void (isTitle = false),
      text: (text) => void (title += isTitle ? text : ""),
    },
    { isXml: true },
  );
  return authoredTitle(title);
}

function cutOff(): DocumentFailure {
  const reason = "The file is cut off or damaged. Upload it again from the original.";
  return new DocumentFailure("corrupt", reason);
}
