import assert from "node:assert/strict";
import { test } from "node:test";
import { plainText } from "../block.ts";
import { DocumentFailure } from "../failure.ts";
import { makeDocx, wordParagraph, wordTable } from "../testing/docx-file.ts";
import { readDocx } from "./docx.ts";

const body = [
  wordParagraph("Handbook", "Title"),
  wordParagraph("Leave", "Heading1"),
  wordParagraph("Twenty days &amp; more."),
  wordTable([
    ["Grade", "Days"],
    ["A", "25"],
  ]),
].join("");

test("headings, paragraphs and tables of a Word file", async () => {
  const { blocks, title } = await readDocx(makeDocx(body), false);
  assert.equal(title, "Handbook");
  assert.deepEqual(
    blocks.map((block) => [block.kind, block.text, block.level ?? block.headerRows]),
    [
      ["heading", "Handbook", 1],
      ["heading", "Leave", 1],
      ["paragraph", "Twenty days & more.", undefined],
      ["table", "Grade | Days\nA | 25", 1],
    ],
  );
});

test("the title in the properties wins, unless it is a file name", async () => {
  assert.equal((await readDocx(makeDocx(body, { title: "Rules" }), false)).title, "Rules");
  assert.equal((await readDocx(makeDocx(body, { title: "Normal.dot" }), false)).title, "Handbook");
});

test("the second way reads the bare text", async () => {
  const notes = `<w:footnotes><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnotes>`;
  const docx = makeDocx(body, { more: [{ name: "word/footnotes.xml", content: notes }] });
  const { blocks, warnings } = await readDocx(docx, true);
  assert.deepEqual(
    blocks.map((block) => block.text),
    ["Handbook", "Leave", "Twenty days & more.", "Grade", "Days", "A", "25", "A note."],
  );
  assert.equal(warnings.length, 1);
});

test("broken XML falls back to the bare text with a warning", async () => {
  const docx = makeDocx(`${wordParagraph("Still here.")}<w:p></w:oops>`);
  const { blocks, warnings } = await readDocx(docx, false);
  assert.match(plainText(blocks), /Still here\./);
  assert.equal(warnings.length, 1);
});

test("entities that a Word file declares are not expanded", async () => {
  const doctype = `<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;">]>`;
  const docx = makeDocx(wordParagraph("&b; end"), { doctype });
  const { blocks } = await readDocx(docx, false);
  assert.doesNotMatch(plainText(blocks), /haha/);
  assert.match(plainText(blocks), /end/);
});

test("cut files, bombs and parts that lie about their size are refused before they are read", async () => {
  const codeOf = async (bytes: Buffer): Promise<string> => {
    const outcome: unknown = await readDocx(bytes, false).catch((error: unknown) => error);
    return outcome instanceof DocumentFailure ? outcome.code : "none";
  };
  const whole = makeDocx(body);
  assert.equal(await codeOf(whole.subarray(0, whole.length - 40)), "corrupt");
  const bomb = { name: "word/media/a.bin", content: Buffer.alloc(110_000_000) };
  assert.equal(await codeOf(makeDocx(body, { more: [bomb] })), "unsafe");
  const liar = { name: "word/a.xml", content: Buffer.alloc(5_000_000, 32), claimedBytes: 100 };
  assert.equal(await codeOf(makeDocx(body, { more: [liar] })), "corrupt");
  assert.equal(await codeOf(makeDocx("", { more: [] })), "none");
});
