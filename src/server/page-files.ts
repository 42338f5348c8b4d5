import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Outgoing } from "./exchange.ts";
import { textAnswer } from "./page-answer.ts";
import { openScript, plainStyle } from "./page-own-files.ts";

/** The built page and the files it is made of, in memory. */
export type PageFiles = {
  /** Undefined where the page has not been built. */
  readonly index: Uint8Array | undefined;
  /** The answer with a file of that name, or undefined; names are looked up, never opened. */
  readonly find: (name: string) => Outgoing | undefined;
};

const contentTypes: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
  woff2: "font/woff2",
};
const filesMax = 200;
const sizeBytesMax = 16 * 1024 * 1024;
const forEver = "public, max-age=31536000, immutable";

/**
 * Reads the built page. A request names a file by its key in a table that is filled here, so no
 * request can reach beyond the folder.
 *
 * @throws Error where the folder holds more than a page can be made of.
 */
export async function loadPageFiles(folder: string): Promise<PageFiles> {
  const table = new Map<string, Outgoing>();
  const assets = join(folder, "assets");
  const entries = await readdir(assets, { withFileTypes: true }).catch(noneIfMissing);
  if (entries.length > filesMax) throw new Error(`The page has more than ${filesMax} files.`);
  let sizeBytes = 0;
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const type = contentTypes[entry.name.slice(entry.name.lastIndexOf(".") + 1)];
    if (type === undefined) continue;
    const bytes = await readFile(join(assets, entry.name));
    sizeBytes += bytes.length;
    if (sizeBytes > sizeBytesMax) throw new Error(`The page's files exceed ${sizeBytesMax} bytes.`);
    table.set(entry.name, fileAnswer(bytes, type, forEver));
  }
  for (const [name, text, type] of ownFiles) table.set(name, fileAnswer(text, type, "no-cache"));
  const index = await readFile(join(folder, "index.html")).catch(undefinedIfMissing);
  return { index, find: (name) => table.get(name) };
}

const ownFiles = [
  ["quarry-plain.css", plainStyle, contentTypes["css"] ?? ""],
  ["quarry-open.js", openScript, contentTypes["js"] ?? ""],
] as const;

function fileAnswer(body: string | Uint8Array, contentType: string, caching: string): Outgoing {
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return textAnswer(200, body, {
    "content-type": contentType,
    "cache-control": caching,
    "cross-origin-resource-policy": "same-origin",
    etag,
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function noneIfMissing(error: unknown): [] {
  if (isMissing(error)) return [];
  throw error;
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
