// How fast documents become chunks. Sources: the pages of the documentation corpus and the PDF
// files of the document set; a row is missing where they are.
import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extractText, getDocumentProxy } from "unpdf";
import { createExtractor } from "../src/documents/documents.ts";
import type { Extractor } from "../src/documents/documents.ts";
import { extractDocument } from "../src/documents/extract.ts";

/** One line of the table of benchmarks; `ok` says whether the target is met. */
type Row = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: string;
  readonly ok?: boolean;
};

const corpus = "../shared/data/docs-corpus/opensearch-docs.tar.gz";
const pdfs = "../shared/data/documents/pdf";
const pagesPerSecondMin = 600;
const pdfShareMin = 0.5;
// Documents on their way at once: enough that no process waits for the next.
const depthPerProcess = 2;

type Page = { readonly fileName: string; readonly bytes: Buffer };

/** Measures pages a second with one and two processes, and PDF text against the library alone. */
export default async function documents(): Promise<readonly Row[]> {
  return [...(await pageRows()), ...(await pdfRows())];
}

async function pageRows(): Promise<readonly Row[]> {
  if (!existsSync(corpus)) return [];
  const pages = readPages();
  const rows: Row[] = [];
  for (const processes of [1, 2]) {
    await using extractor = createExtractor({ processes });
    // The first run starts the processes and lets them compile.
    await extractAll(extractor, pages, processes * depthPerProcess);
    const rate = (pages.length * 1000) / (await extractAll(extractor, pages, processes * 2));
    const target = pagesPerSecondMin * (processes === 1 ? 1 : 0);
    rows.push({
      name: `documents: Markdown pages, ${processes} process${processes === 1 ? "" : "es"}`,
      value: Math.round(rate),
      unit: "pages/s",
      ...(target === 0 ? {} : { target: `>= ${target}`, ok: rate >= target }),
    });
  }
  return rows;
}

function readPages(): readonly Page[] {
  const folder = mkdtempSync(join(tmpdir(), "quarry-bench-"));
  try {
    execFileSync("tar", ["xzf", corpus, "-C", folder]);
    return globSync("**/*.md", { cwd: folder }).map((name) => ({
      fileName: name,
      bytes: readFileSync(join(folder, name)),
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Milliseconds to extract all pages with `depth` of them on their way. */
async function extractAll(
  extractor: Extractor,
  pages: readonly Page[],
  depth: number,
): Promise<number> {
  const queue = pages.values();
  const started = performance.now();
  const worker = async (): Promise<void> => {
    for (const page of queue) {
      const { outcome } = await extractor.extract(page);
      if (outcome === "unsupported") throw new Error(`${page.fileName} was not read`);
    }
  };
  await Promise.all(Array.from({ length: depth }, worker));
  return performance.now() - started;
}

async function pdfRows(): Promise<readonly Row[]> {
  if (!existsSync(pdfs)) return [];
  const files = [
    "tam-review-paper",
    "belgian-form-160F",
    "consolidated-statement",
    "two-columns-latex",
  ];
  const read = (): readonly Buffer[] =>
    files.map((name) => readFileSync(join(pdfs, `${name}.pdf`)));
  let own = Infinity;
  let alone = Infinity;
  for (let round = 0; round < 4; round += 1) {
    alone = Math.min(alone, await timed(read(), readAlone));
    own = Math.min(own, await timed(read(), readOurs));
  }
  const share = alone / own;
  const value = Math.round(share * 100) / 100;
  const target = `>= ${pdfShareMin}`;
  const name = "documents: PDF text to chunks, speed relative to unpdf alone";
  return [{ name, value, unit: "x", target, ok: share >= pdfShareMin }];
}

async function timed(
  files: readonly Buffer[],
  read: (bytes: Buffer) => Promise<void>,
): Promise<number> {
  const started = performance.now();
  for (const bytes of files) await read(bytes);
  return performance.now() - started;
}

async function readAlone(bytes: Buffer): Promise<void> {
  await extractText(await getDocumentProxy(new Uint8Array(bytes)), { mergePages: true });
}

async function readOurs(bytes: Buffer): Promise<void> {
  await extractDocument(bytes, { fileName: "a.pdf" });
}
