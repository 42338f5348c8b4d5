import assert from "node:assert/strict";
import { test } from "node:test";
import { plainText } from "../block.ts";
import { DocumentFailure } from "../failure.ts";
import { makePdf } from "../testing/pdf-file.ts";
import { bodyHeight, pdfBlocks } from "./pdf-lines.ts";
import { readPdf } from "./pdf.ts";
import { authoredTitle } from "./title.ts";

const pages = [
  [
    { text: "Travel policy", size: 24, y: 780 },
    { text: "Trains are preferred to planes for all", size: 11, y: 740 },
    { text: "trips under six hours.", size: 11, y: 727 },
    { text: "Second paragraph of the page.", size: 11, y: 690 },
  ],
  [
    { text: "Hotels", size: 16, y: 780 },
    { text: "Up to 120 EUR a night.", size: 11, y: 750 },
  ],
];

test("pages, headings by size and paragraphs by gaps", async () => {
  const { blocks, title, pages: count, warnings } = await readPdf(makePdf(pages));
  assert.equal(title, "Travel policy");
  assert.equal(count, 2);
  assert.deepEqual(warnings, []);
  assert.deepEqual(blocks, [
    { kind: "heading", text: "Travel policy", level: 1, page: 1 },
    {
      kind: "paragraph",
      text: "Trains are preferred to planes for all\ntrips under six hours.",
      page: 1,
    },
    { kind: "paragraph", text: "Second paragraph of the page.", page: 1 },
    { kind: "heading", text: "Hotels", level: 2, page: 2 },
    { kind: "paragraph", text: "Up to 120 EUR a night.", page: 2 },
  ]);
});

test("the title an author gave wins, one that a program made up does not", async () => {
  assert.equal((await readPdf(makePdf(pages, { title: "Trips" }))).title, "Trips");
  assert.equal(
    (await readPdf(makePdf(pages, { title: "Microsoft Word - a" }))).title,
    "Travel policy",
  );
  for (const made of [
    "",
    " ",
    "untitled",
    "Document1",
    "PowerPoint Presentation",
    "report final.docx",
    "\0",
  ]) {
    assert.equal(authoredTitle(made), undefined, made);
  }
  assert.equal(authoredTitle(" The\nreport "), "The report");
});

test("a PDF without text has no blocks", async () => {
  assert.equal(plainText((await readPdf(makePdf([[]]))).blocks), "");
});

test("damaged files fail as corrupt, at any cut", async () => {
  const whole = makePdf(pages);
  for (const length of [9, 60, 300]) {
    const cut = whole.subarray(0, length);
    const outcome = await readPdf(cut).catch((error: unknown) => error);
    const isEmpty = !(outcome instanceof Error) && plainText((await readPdf(cut)).blocks) === "";
    assert.ok(isEmpty || (outcome instanceof DocumentFailure && outcome.code === "corrupt"));
  }
});

test("a wrong place of the table of objects does not lose the text", async () => {
  const whole = makePdf(pages).toString("latin1");
  const broken = Buffer.from(whole.replace(/startxref\n\d+/, "startxref\n7"), "latin1");
  const text = plainText((await readPdf(broken)).blocks);
  assert.match(text, /Up to 120 EUR/);
});

test("columns, large print and numbers do not make headings", () => {
  const line = (text: string, height: number, y: number) => ({ text, height, y });
  const body = Array.from({ length: 20 }, (_, i) =>
    line("body text of the page", 10, 700 - i * 12),
  );
  assert.equal(bodyHeight([body]), 10);
  const blocks = pdfBlocks([
    [...body, line("37 %", 30, 400), line(`Large ${"print ".repeat(30)}`, 14, 350)],
    [
      line("left", 10, 20),
      line("right column", 10, 700),
      line("Head", 14, 650),
      line("  ", 10, 640),
    ],
  ]);
  assert.deepEqual(
    blocks.map((block) => [block.kind, block.page]),
    [
      ["paragraph", 1],
      ["paragraph", 1],
      ["paragraph", 1],
      ["paragraph", 2],
      ["paragraph", 2],
      ["heading", 2],
    ],
  );
  assert.deepEqual(pdfBlocks([]), []);
});
