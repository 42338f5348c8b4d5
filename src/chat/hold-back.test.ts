import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { blockedPhraseIn } from "./blocked-phrases.ts";
import { holdBack } from "./hold-back.ts";
import type { Released } from "./hold-back.ts";

async function* stream(deltas: readonly string[]): AsyncGenerator<string> {
  yield* deltas;
}

async function release(deltas: readonly string[], phrases: readonly string[]): Promise<Released[]> {
  const pieces: Released[] = [];
  for await (const piece of holdBack(stream(deltas), phrases)) pieces.push(piece);
  return pieces;
}

function textOf(released: readonly Released[]): string {
  return released.map((piece) => (piece.kind === "text" ? piece.text : "")).join("");
}

test("without blocked phrases every delta passes as it comes", async () => {
  const pieces = await release(["a", "", "b c"], []);
  assert.deepEqual(pieces, [
    { kind: "text", text: "a" },
    { kind: "text", text: "b c" },
  ]);
});

test("a phrase that arrives letter by letter never leaves, not even its first letters", async () => {
  const pieces = await release([..."It is called project falcon, they say"], ["project falcon"]);
  assert.deepEqual(pieces.at(-1), { kind: "blocked", phrase: "project falcon" });
  assert.ok(!textOf(pieces).includes("p"), textOf(pieces));
});

test("a word that only begins like a phrase passes", async () => {
  const pieces = await release(["fal", "con", "ry"], ["falcon"]);
  assert.equal(textOf(pieces), "falconry");
  assert.ok(pieces.every((piece) => piece.kind === "text"));
});

test("a phrase at the very end is blocked", async () => {
  const pieces = await release(["the fal", "con"], ["falcon"]);
  assert.equal(pieces.at(-1)?.kind, "blocked");
});

test("the end of a word that was released before is remembered", async () => {
  const deltas = ["a long beginning and then gyr", "falcon", " and a long end of the answer"];
  assert.equal(textOf(await release(deltas, ["falcon"])), deltas.join(""));
});

test("Chinese text is released sentence by sentence", async () => {
  const deltas = ["第一句很长很长很长很长。第二句也很长很长很长很长。", "第三句"];
  const pieces = await release(deltas, ["机密项目"]);
  assert.deepEqual(pieces[0], { kind: "text", text: "第一句很长很长很长很长。" });
  assert.equal(textOf(pieces), deltas.join(""));
});

test("the reader sees text before the end in spite of the held tail", async () => {
  const pieces = await release(["word ".repeat(40), "word ".repeat(40)], ["falcon"]);
  assert.ok(pieces.length > 1 && (pieces[0]?.kind === "text" ? pieces[0].text.length : 0) > 100);
});

test("white space without end is held, not searched for ever", async () => {
  const spaces = " ".repeat(50_000);
  assert.equal(textOf(await release([spaces, spaces], ["a b"])), spaces + spaces);
});

test("the stream blocks exactly when the whole text does, and else passes it unchanged", async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "ab",
      "a",
      "b",
      " ",
      "\n",
      "-",
      "\u0301",
      "\u200B",
      "𝒳",
      "𐀀",
      "A",
      "c++",
      "机密",
    ),
    fc.string({ unit: "grapheme", maxLength: 3 }),
  );
  const phrase = fc.constantFrom("ab", "a b", "á", "c++", "机密", "b");
  const law = fc.asyncProperty(fc.array(piece), fc.array(phrase), async (deltas, phrases) => {
    const whole = deltas.join("");
    const pieces = await release(deltas, phrases);
    const text = textOf(pieces);
    assert.ok(whole.startsWith(text));
    assert.equal(blockedPhraseIn(text, phrases), undefined);
    const isBlocked = pieces.at(-1)?.kind === "blocked";
    assert.equal(isBlocked, blockedPhraseIn(whole, phrases) !== undefined);
    if (!isBlocked) assert.equal(text, whole);
  });
  await fc.assert(law, { numRuns: 400 });
});
