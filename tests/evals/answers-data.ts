import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { PlainPassage } from "./answers-bm25.ts";

/** Where the public evaluation data lies, beside the checkout; tests skip when it is absent. */
export const dataFolder = "../shared/data";

/** Whether an evaluation set is at hand. */
export function hasData(path: string): boolean {
  return existsSync(`${dataFolder}/${path}`);
}

/** A question of SQuAD 2.0 with the paragraph it was written for. */
export type SquadQuestion = {
  readonly text: string;
  readonly answers: readonly string[];
  readonly answerable: boolean;
  readonly contextId: string;
  readonly article: string;
};

/** Paragraphs as passages, and the questions; the article is the title. */
export function loadSquad(): {
  readonly passages: readonly PlainPassage[];
  readonly questions: readonly SquadQuestion[];
} {
  const passages = loadCorpus("retrieval/squad2-dev-part/corpus.jsonl.gz");
  const articleOf = new Map(passages.map(({ source }) => [source.documentId, source.title]));
  const questions = lines("retrieval/squad2-dev-part/queries.jsonl.gz").map((row) => ({
    text: String(row["text"]),
    answers: Array.isArray(row["answers"]) ? row["answers"].map(String) : [],
    answerable: row["answerable"] === true,
    contextId: String(row["context_id"]),
    article: articleOf.get(String(row["context_id"])) ?? "",
  }));
  return { passages, questions };
}

/** Articles in two halves, by turns in alphabetical order: weights are fitted on the first. */
export function halvesOf(articles: Iterable<string>): readonly [Set<string>, Set<string>] {
  const sorted = [...new Set(articles)].sort();
  return [
    new Set(sorted.filter((_, i) => i % 2 === 0)),
    new Set(sorted.filter((_, i) => i % 2 === 1)),
  ];
}

/** A `corpus.jsonl.gz`: one passage per line. */
export function loadCorpus(path: string): readonly PlainPassage[] {
  return lines(path).map((row) => ({
    documentKey: String(row["id"]),
    ordinal: 0,
    text: String(row["text"]),
    headingPath: [],
    source: {
      title: String(row["title"]),
      documentId: String(row["id"]),
      indexId: "index",
    },
  }));
}

/** Objects of a file with one JSON value per line, packed or not. */
export function lines(path: string): readonly Readonly<Record<string, unknown>>[] {
  const bytes = readFileSync(`${dataFolder}/${path}`);
  const text = path.endsWith(".gz") ? gunzipSync(bytes).toString() : bytes.toString();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Record<string, unknown> => JSON.parse(line));
}

/** The form in which gold answers are looked for in replies. */
export function normalized(text: string): string {
  return text
    .toLowerCase()
    .replace(/\p{P}/gu, "")
    .replace(/\b(?:a|an|the)\b/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Whether a reply contains one of the gold answers. */
export function containsAnswer(reply: string, answers: readonly string[]): boolean {
  const text = normalized(reply);
  return answers.some((answer) => text.includes(normalized(answer)));
}

/** Whether a reply meets one string: short ones count only as whole words. */
export function meets(reply: string, wanted: string): boolean {
  const text = reply.toLowerCase();
  const word = wanted.toLowerCase();
  if (word.length > 4) return text.includes(word);
  const isWordCharacter = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const isFree = [text[at - 1] ?? " ", text[at + word.length] ?? " "].every(
      (character) => !isWordCharacter(character),
    );
    if (isFree || !isWordCharacter(word.charAt(0))) return true;
  }
  return false;
}

/** A question on documentation pages, as `docs-corpus/NAME.questions.jsonl` has it. */
export type PageQuestion = {
  readonly text: string;
  readonly answerable: boolean;
  readonly expectedPages: readonly string[];
  readonly mustContain: readonly (readonly string[])[];
};

/** The questions on a documentation corpus. */
export function loadPageQuestions(name: string): readonly PageQuestion[] {
  return lines(`docs-corpus/${name}.questions.jsonl`).map((row) => ({
    text: String(row["question"]),
    answerable: row["answerable"] === true,
    expectedPages: listOf(row["expected_pages"]).map(String),
    mustContain: listOf(row["must_contain"]).map((group) => listOf(group).map(String)),
  }));
}

/** A list as JSON gave it; nothing where it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Files of a packed tar archive with that ending, the first folder left out. */
export function filesOf(path: string, ending: string): ReadonlyMap<string, Buffer> {
  const tar = gunzipSync(readFileSync(`${dataFolder}/${path}`));
  const files = new Map<string, Buffer>();
  const textAt = (at: number, length: number): string =>
    tar.toString("utf8", at, at + length).split("\0")[0] ?? "";
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const size = Number.parseInt(textAt(at + 124, 12), 8);
    const prefix = textAt(at + 345, 155);
    const name = `${prefix === "" ? "" : `${prefix}/`}${textAt(at, 100)}`;
    const isFile = tar[at + 156] === 0x30 || tar[at + 156] === 0;
    if (isFile && name.endsWith(ending)) {
      files.set(name.slice(name.indexOf("/") + 1), tar.subarray(at + 512, at + 512 + size));
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
