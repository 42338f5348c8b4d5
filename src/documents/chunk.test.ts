import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { plainText, tableBlock } from "./block.ts";
import type { Block, Chunk } from "./block.ts";
import { chunkBlocks } from "./chunk.ts";
import { chunkLimits } from "./limits.ts";
import { countTokens } from "./tokens.ts";

const prose = (sentences: number, from = 0): string =>
  Array.from({ length: sentences }, (_, i) => `Sentence ${from + i} tells about the rules.`).join(
    " ",
  );
const paragraph = (text: string, page?: number): Block => ({
  kind: "paragraph",
  text,
  ...(page === undefined ? {} : { page }),
});
const heading = (text: string, level: number): Block => ({ kind: "heading", text, level });

function checkLaws(blocks: readonly Block[], chunks: readonly Chunk[]): void {
  const text = plainText(blocks);
  let covered = 0;
  for (const [index, chunk] of chunks.entries()) {
    assert.equal(chunk.ordinal, index);
    const own = text.slice(chunk.beginOffset, chunk.endOffset);
    assert.ok(own.length > 0 && chunk.text.endsWith(own), "offsets point to the text");
    assert.ok(chunk.tokens <= chunkLimits.tokensMax, `${chunk.tokens} tokens are over the cap`);
    assert.ok(countTokens(chunk.text) <= chunk.tokens, "tokens are not counted too low");
    assert.ok(chunk.text.isWellFormed(), "no surrogate pair is split");
    assert.equal(text.slice(covered, Math.max(covered, chunk.beginOffset)).trim(), "", "no gap");
    assert.ok(chunk.endOffset > covered, "each chunk adds something");
    covered = chunk.endOffset;
  }
  assert.equal(text.slice(covered).trim(), "", "the text is covered to its end");
}

const word = fc.oneof(
  fc.constantFrom(
    "the",
    "policy",
    "Dr.",
    "e.g.",
    "10.5",
    "👩🏽‍💻",
    "冷却水",
    "العربية",
    "\u3000",
    "\u00a0\u2028",
    "naïve",
    "\n",
    "a|b",
    "{}",
    "x1y2z3",
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.nat(300).map((length) => "𝒳y".repeat(length)),
);
const someText = fc
  .array(word, { minLength: 1, maxLength: 80 })
  .map((words) => words.join(" ").toWellFormed());
const someBlock = fc.oneof(
  fc.record({
    kind: fc.constantFrom("paragraph", "list", "code", "heading"),
    text: someText,
    level: fc.integer({ min: 1, max: 4 }),
    page: fc.integer({ min: 1, max: 3 }),
  }),
  fc
    .array(fc.array(someText, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 })
    .map((rows) => tableBlock(rows, { headerRows: Math.min(1, rows.length - 1) })),
);

test("chunks cover the text, stay under the cap and stand where they say", () => {
  fc.assert(
    fc.property(fc.array(someBlock as fc.Arbitrary<Block>, { maxLength: 12 }), (blocks) => {
      checkLaws(blocks, chunkBlocks(blocks));
    }),
    { numRuns: 150 },
  );
});

test("long prose becomes chunks near the target that repeat one sentence", () => {
  const blocks = [paragraph(prose(300))];
  const chunks = chunkBlocks(blocks);
  checkLaws(blocks, chunks);
  assert.ok(chunks.length > 3);
  for (const chunk of chunks.slice(0, -1)) assert.ok(chunk.tokens >= 250 && chunk.tokens <= 400);
  for (const [index, chunk] of chunks.slice(1).entries()) {
    const first = /^Sentence \d+ tells about the rules\./.exec(chunk.text)?.[0];
    assert.ok(first !== undefined && chunks[index]?.text.endsWith(first));
  }
});

test("a heading starts a chunk and is kept beside the text of all chunks below it", () => {
  const blocks = [
    heading("Handbook", 1),
    paragraph(prose(40)),
    heading("Leave", 2),
    paragraph(prose(120, 100)),
    heading("Travel", 2),
    paragraph(prose(5, 300)),
  ];
  const chunks = chunkBlocks(blocks);
  checkLaws(blocks, chunks);
  const leave = chunks.filter((chunk) => chunk.headingPath.at(-1) === "Leave");
  assert.ok(leave.length >= 2);
  assert.ok(leave[0]?.text.startsWith("Leave\n\nSentence 100"));
  assert.deepEqual(leave[1]?.headingPath, ["Handbook", "Leave"]);
  assert.deepEqual(chunks.at(-1)?.headingPath, ["Handbook", "Travel"]);
  assert.ok(!chunks.some((chunk) => chunk.text.endsWith("Leave") || chunk.text.endsWith("Travel")));
});

test("short sections share a chunk", () => {
  const blocks = ["One", "Two", "Three"].flatMap((name) => [heading(name, 2), paragraph(prose(2))]);
  const chunks = chunkBlocks(blocks);
  assert.equal(chunks.length, 1);
  assert.deepEqual(chunks[0]?.headingPath, ["One"]);
});

test("a long table is cut between rows and its header repeated", () => {
  const rows = Array.from({ length: 200 }, (_, i) => [`Item ${i}`, `${i}.50 EUR`, "in stock"]);
  const blocks = [tableBlock([["Name", "Price", "State"], ...rows], { headerRows: 1 })];
  const chunks = chunkBlocks(blocks);
  checkLaws(blocks, chunks);
  assert.ok(chunks.length > 3);
  const seen = chunks.flatMap((chunk) => {
    const [header, ...lines] = chunk.text.split("\n");
    assert.equal(header, "Name | Price | State");
    return lines;
  });
  assert.deepEqual(
    seen,
    rows.map((row) => row.join(" | ")),
  );
});

test("a table or code that fits into a chunk is not torn apart", () => {
  const code = Array.from({ length: 30 }, (_, i) => `const value${i} = ${i};`).join("\n");
  const blocks: readonly Block[] = [paragraph(prose(28)), { kind: "code", text: code }];
  const chunks = chunkBlocks(blocks);
  checkLaws(blocks, chunks);
  assert.ok(chunks.some((chunk) => chunk.text.includes(code)));
});

test("a chunk names the page it begins on and a page break ends it", () => {
  const blocks = [paragraph(prose(30), 1), paragraph(prose(30, 50), 2), paragraph(prose(3, 90), 3)];
  const chunks = chunkBlocks(blocks);
  checkLaws(blocks, chunks);
  assert.deepEqual(
    chunks.map((chunk) => chunk.page),
    [1, 2, 3],
  );
});

test("a character made of several parts is not cut, however long its word is", () => {
  const blocks = [paragraph("👩🏽‍💻".repeat(2000))];
  const chunks = chunkBlocks(blocks);
  checkLaws(blocks, chunks);
  assert.ok(chunks.length > 10);
  assert.ok(chunks.every((chunk) => chunk.text.startsWith("👩🏽‍💻") && chunk.text.endsWith("💻")));
});

test("no text gives no chunks", () => {
  assert.deepEqual(chunkBlocks([]), []);
  assert.deepEqual(chunkBlocks([paragraph(" \n\n "), heading("", 1)]), []);
});

test("megabytes on one line, in one word or in many lines take linear time", () => {
  const time = (blocks: readonly Block[]): number => {
    const started = performance.now();
    checkLaws(blocks, chunkBlocks(blocks));
    return performance.now() - started;
  };
  const texts = ["x1".repeat(500_000), "a ".repeat(500_000), "ab\n".repeat(200_000)];
  for (const text of texts) {
    assert.ok(time([paragraph(text)]) < 3000);
    assert.ok(time([{ kind: "code", text }]) < 3000);
  }
  assert.ok(time(Array.from({ length: 50_000 }, () => heading("A", 1))) < 3000);
});

test("tokens of words, numbers, marks and wide characters", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["", 0],
    ["   \n", 0],
    ["the quick fox", 3],
    ["internationalization", 3],
    ["2026", 2],
    ["日本語", 3],
    ["end.", 2],
    ["naïve", 3],
    ["\u3000\u00a0 ", 0],
  ];
  for (const [text, tokens] of cases) assert.equal(countTokens(text), tokens, text);
  assert.equal(countTokens("one two three", 4, 7), 1);
});

test("cutting a text never lowers the sum of its tokens", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (text, at) => {
      const cut = at % (text.length + 1);
      const parts = countTokens(text, 0, cut) + countTokens(text, cut);
      assert.ok(parts >= countTokens(text));
    }),
  );
});
