// The public retrieval sets, and how results on them are computed.
import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { extractDocument } from "../../src/documents/extract.ts";
import type { IndexableChunks, TestCollection } from "../../src/search/testing/collection.ts";

const folder = "../shared/data";

/** Documents, questions, and which documents are right for each, with grades. */
export type RetrievalSet = {
  readonly documents: readonly {
    readonly id: string;
    readonly title: string;
    readonly text: string;
  }[];
  readonly questions: readonly { readonly id: string; readonly text: string }[];
  readonly grades: ReadonlyMap<string, ReadonlyMap<string, number>>;
};

/** A set by name, or undefined where the data is not at hand. */
export function readSet(name: string): RetrievalSet | undefined {
  const path = join(folder, "retrieval", name);
  if (!existsSync(path)) return undefined;
  const grades = new Map<string, Map<string, number>>();
  for (const line of readFileSync(join(path, "qrels.tsv"), "utf8").trim().split("\n").slice(1)) {
    const [question = "", document = "", score = "0"] = line.split("\t");
    if (Number(score) <= 0) continue;
    const known = grades.get(question) ?? new Map<string, number>();
    grades.set(question, known.set(document, Number(score)));
  }
  const questions = readLines<RetrievalSet["questions"][number]>(join(path, "queries.jsonl.gz"));
  return {
    documents: readLines(join(path, "corpus.jsonl.gz")),
    questions: questions.filter(({ id }) => grades.has(id)),
    grades,
  };
}

function readLines<T>(path: string): readonly T[] {
  const text = gunzipSync(readFileSync(path)).toString();
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

/** Gain by grade, discounted by rank, as a share of the best possible. */
export function ndcgAt10(ranked: readonly string[], grades: ReadonlyMap<string, number>): number {
  const discounted = (gains: readonly number[]): number =>
    gains.slice(0, 10).reduce((sum, gain, rank) => sum + gain / Math.log2(rank + 2), 0);
  const best = discounted([...grades.values()].sort((a, b) => b - a));
  return discounted(ranked.map((id) => grades.get(id) ?? 0)) / best;
}

/** Share of the right documents among the first `k`. */
export function recallAt(
  k: number,
  ranked: readonly string[],
  grades: ReadonlyMap<string, number>,
): number {
  return ranked.slice(0, k).filter((id) => grades.has(id)).length / grades.size;
}

/** A question about the documentation pages, and the pages that answer it. */
export type PageQuestion = {
  readonly question: string;
  readonly answerable: boolean;
  readonly expected_pages: readonly string[];
};

/** The documentation pages as chunks, by path, and their questions; undefined where absent. */
export async function readPages(): Promise<
  | { readonly pages: readonly IndexableChunks[]; readonly questions: readonly PageQuestion[] }
  | undefined
> {
  const path = join(folder, "docs-corpus", "opensearch-docs");
  if (!existsSync(`${path}.tar.gz`)) return undefined;
  const temporary = mkdtempSync(join(tmpdir(), "quarry-pages-"));
  try {
    execFileSync("tar", ["xzf", `${path}.tar.gz`, "-C", temporary]);
    const root = join(temporary, "opensearch-docs");
    const pages: IndexableChunks[] = [];
    for (const name of globSync("**/*.md", { cwd: root }).sort()) {
      const id = name.replaceAll("\\", "/");
      const result = await extractDocument(readFileSync(join(root, name)), { fileName: id });
      if (result.outcome !== "extracted") continue;
      pages.push({ id, title: result.title ?? id, chunks: result.chunks });
    }
    const lines = readFileSync(`${path}.questions.jsonl`, "utf8").trim().split("\n");
    return { pages, questions: lines.map((line) => JSON.parse(line) as PageQuestion) };
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

/** Publishes documents in batches. */
export async function fill(
  collection: TestCollection,
  documents: readonly IndexableChunks[],
): Promise<void> {
  const size = 200;
  const batches = Array.from({ length: Math.ceil(documents.length / size) }, (_, i) =>
    documents.slice(i * size, (i + 1) * size),
  );
  await askAll(batches, (batch) => collection.putChunks(batch));
}

/** Runs `ask` over all questions, some at once, and gives the results in order. */
export async function askAll<Q, R>(
  questions: readonly Q[],
  ask: (question: Q) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < questions.length; i = next++) {
      const question = questions[i];
      if (question !== undefined) results[i] = await ask(question);
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return results;
}
