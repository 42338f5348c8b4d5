import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createExtractor } from "./documents.ts";
import type { ExtractResult } from "./documents.ts";

type Entry = {
  readonly file: string;
  readonly s3_key: string;
  readonly outcome: string;
  readonly phrases: readonly string[];
  readonly forbidden: readonly string[];
};

const folder = "../shared/data/documents";
const secondsMax = 60;

/** The comparison the manifest prescribes. */
function normal(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/\s+/g, " ");
}

function contains(text: string, phrase: string): boolean {
  const wanted = normal(phrase);
  const wide = wanted.match(/[\u3040-\u30ff\u3400-\u9fff]/g)?.length ?? 0;
  if (wide * 2 <= wanted.length) return text.includes(wanted);
  return text.replaceAll(" ", "").includes(wanted.replaceAll(" ", ""));
}

function hasAll(result: ExtractResult, { phrases, forbidden }: Entry): boolean {
  if (result.outcome !== "extracted") return false;
  const raw = result.chunks.map((chunk) => chunk.text).join("\n");
  const text = normal(raw);
  return (
    phrases.every((phrase) => contains(text, phrase)) && !forbidden.some((one) => raw.includes(one))
  );
}

/** Whether a result is what the manifest's outcome allows. */
const verdicts: Readonly<Record<string, (result: ExtractResult, entry: Entry) => boolean>> = {
  extract: hasAll,
  extract_or_fail: (result, entry) => result.outcome === "failed" || hasAll(result, entry),
  fail_cleanly: (result) => result.outcome === "failed",
  empty_text: (result) => result.outcome === "failed" && result.code === "empty",
  unsupported_skip: (result) => result.outcome === "unsupported",
};

test("every file of the document set meets its manifest", async (t) => {
  if (!existsSync(`${folder}/manifest.json`)) return t.skip("the document set is not here");
  const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, "utf8"));
  const entries: readonly Entry[] = manifest.files;
  assert.equal(entries.length, 76);
  assert.equal(entries.filter(({ file }) => file.startsWith("hostile/")).length, 21);
  await using extractor = createExtractor({ processes: 2 });
  const wrong = await Promise.all(
    entries.map(async (entry) => {
      const started = performance.now();
      const path = `${folder}/${entry.file}`;
      const result = await extractor.extract({ path, fileName: entry.s3_key });
      assert.ok(performance.now() - started < secondsMax * 1000, `${entry.file} took too long`);
      const isRight = verdicts[entry.outcome]?.(result, entry) === true;
      return isRight ? [] : [{ file: entry.file, wanted: entry.outcome, got: result.outcome }];
    }),
  );
  assert.deepEqual(wrong.flat(), []);
});

test("with OpenDocument formats chosen, the file that is skipped otherwise is read", async (t) => {
  const path = `${folder}/hostile/unsupported.odt`;
  if (!existsSync(path)) return t.skip("the document set is not here");
  await using extractor = createExtractor({ processes: 1, openDocumentFormats: "read" });
  const result = await extractor.extract({ path, fileName: "hostile/unsupported.odt" });
  assert.equal(result.outcome, "extracted");
  assert.match(result.chunks[0]?.text ?? "", /^This is a sample Open Office document/);
});
