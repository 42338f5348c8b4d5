import assert from "node:assert/strict";
import { test } from "node:test";
import { type Chunk, createExtractor } from "../../documents/documents.ts";
import { plainTextOf } from "./text.ts";

async function chunksOf(text: string, fileName: string): Promise<readonly Chunk[]> {
  await using extractor = createExtractor({ processes: 1 });
  const result = await extractor.extract({ bytes: Buffer.from(text), fileName });
  if (result.outcome !== "extracted") assert.fail(result.reason);
  return result.chunks;
}

const words = (text: string): string => text.split(/\s+/).filter(Boolean).join(" ");

test("the text comes back once, from chunks that overlap by sentences", async () => {
  const sentences = Array.from(
    { length: 400 },
    (_, n) => `Sentence number ${n} tells about a harbour and its ${n * 7} ships.`,
  );
  const text = Array.from({ length: 40 }, (_, n) => sentences.slice(n * 10, n * 10 + 10).join(" "));
  const chunks = await chunksOf(text.join("\n\n"), "a.txt");
  const lengths = chunks.reduce((sum, chunk) => sum + chunk.text.length, 0);
  assert.ok(chunks.length > 5 && lengths > text.join("\n\n").length, "chunks overlap");
  assert.equal(words(plainTextOf(chunks)), words(text.join("\n\n")));
});

test("the header of a table comes back once, from chunks that repeat it", async () => {
  const rows = Array.from({ length: 400 }, (_, n) => `Harbour ${n},${n * 3},open all day`);
  const chunks = await chunksOf(["name,ships,hours", ...rows].join("\n"), "a.csv");
  assert.ok(chunks.length > 2);
  assert.ok((chunks[1]?.text ?? "").startsWith("name"), "the header is repeated");
  const lines = plainTextOf(chunks).split("\n").filter(Boolean);
  assert.equal(lines.length, 401);
  assert.equal(lines.filter((line) => line.startsWith("name")).length, 1);
});

test("no chunks hold no text", () => {
  assert.equal(plainTextOf([]), "");
});
