import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { extractDocument, fileBytesMax } from "./extract.ts";
import type { ExtractResult } from "./extract.ts";
import { formats } from "./formats.ts";
import { readers } from "./readers.ts";
import { makeDocx, wordParagraph } from "./testing/docx-file.ts";
import {
  makeOdp,
  makeOds,
  makeOdt,
  odfCell,
  odfFrame,
  odfParagraph,
  odfRow,
} from "./testing/odf-file.ts";
import { makePdf } from "./testing/pdf-file.ts";

const extract = (content: string | Buffer, fileName: string): Promise<ExtractResult> =>
  extractDocument(Buffer.from(content as string), { fileName });

test("text, PDF and Word files yield chunks of their text, and every format has a reader", async () => {
  const phrase = "The canteen opens at noon.";
  const files: Readonly<Record<string, string | Buffer>> = {
    txt: phrase,
    md: `# Canteen\n\n${phrase}`,
    html: `<h1>Canteen</h1><p>${phrase}</p>`,
    json: JSON.stringify({ note: phrase }),
    xml: `<note>${phrase}</note>`,
    xslt: `<xsl:stylesheet>${phrase}</xsl:stylesheet>`,
    csv: `Place,Note\nCanteen,${phrase}\n`,
    pdf: makePdf([[{ text: phrase, size: 11, y: 700 }]]),
    docx: makeDocx(wordParagraph(phrase)),
  };
  for (const [format, content] of Object.entries(files)) {
    const result = await extract(content, `a.${format}`);
    assert.equal(result.outcome, "extracted", format);
    assert.equal(result.format, format);
    assert.ok(
      result.chunks.some((chunk) => chunk.text.includes(phrase)),
      format,
    );
    assert.ok(result.textBytes >= phrase.length);
  }
  assert.deepEqual(Object.keys(readers).sort(), Object.keys(formats).sort());
});

test("OpenDocument files are read where that is chosen, and skipped everywhere else", async () => {
  const phrase = "The canteen opens at noon.";
  const files: Readonly<Record<string, Buffer>> = {
    odt: makeOdt(odfParagraph(phrase)),
    ods: makeOds([{ name: "Canteen", rows: odfRow([odfCell("Note"), odfCell(phrase)]) }]),
    odp: makeOdp([odfFrame([phrase])]),
  };
  for (const [format, bytes] of Object.entries(files)) {
    const fileName = `a.${format}`;
    const result = await extractDocument(bytes, { fileName, openDocumentFormats: "read" });
    assert.equal(result.outcome, "extracted", format);
    assert.equal(result.format, format);
    assert.ok(result.chunks[0]?.text.includes(phrase), format);
    assert.equal((await extractDocument(bytes, { fileName })).outcome, "unsupported");
    const skip = await extractDocument(bytes, { fileName, openDocumentFormats: "skip" });
    assert.equal(skip.outcome, "unsupported");
  }
});

test("OpenDocument files have the limits of their counterparts", async () => {
  assert.equal(fileBytesMax("odt"), fileBytesMax("docx"));
  assert.equal(fileBytesMax("odp"), fileBytesMax("pptx"));
  assert.equal(fileBytesMax("ods"), fileBytesMax("xlsx"));
  // Of no more than 10 MB, which the limit of text documents would let pass.
  const cell = odfCell("sentence", 'table:number-columns-repeated="256"');
  const rows = odfRow([cell], 'table:number-rows-repeated="1000"').repeat(5);
  const bytes = makeOds([{ name: "S", rows }]);
  const result = await extractDocument(bytes, { fileName: "a.ods", openDocumentFormats: "read" });
  assert.equal(result.outcome === "failed" && result.code, "tooLarge");
});

test("documents without text fail with what to do about it", async () => {
  for (const [content, name] of [
    ["", "a.txt"],
    [" \n\t ", "a.txt"],
    ["[[{}]]", "a.json"],
    ["<p></p>", "a.html"],
  ] as const) {
    const result = await extract(content, name);
    assert.equal(result.outcome === "failed" && result.code, "empty", name);
  }
  const scan = await extract(makePdf([[]]), "scan.pdf");
  assert.match(scan.outcome === "failed" ? scan.reason : "", /OCR/);
});

test("text above the limit fails and is not cut", async () => {
  const result = await extract("sentence after sentence. ".repeat(1_258_292), "a.txt");
  assert.equal(result.outcome === "failed" && result.code, "tooLarge");
  assert.match(
    result.outcome === "failed" ? result.reason : "",
    /30\.1 MB of text; the limit is 30\.0/,
  );
});

test("files above the size of their format fail", async () => {
  assert.equal(fileBytesMax("pdf"), 500 * 1_048_576);
  assert.equal(fileBytesMax("xlsx"), 50 * 1_048_576);
  const result = await extract(Buffer.alloc(50 * 1_048_576 + 1, 97), "a.txt");
  assert.equal(result.outcome === "failed" && result.code, "tooLarge");
  assert.match(
    result.outcome === "failed" ? result.reason : "",
    /has 50\.1 MB; the limit for plain text is 50\.0 MB/,
  );
});

test("every reason is a sentence", async () => {
  const samples: readonly (readonly [string | Buffer, string])[] = [
    ["", "a.txt"],
    ["x", "a.py"],
    ["x", "a.pdf"],
    ["%PDF-1.4 nothing", "a.pdf"],
    ["PK\x03\x04", "a.docx"],
    ["\x89PNG\r\n\x1a\n\0\0", "a.png"],
    ["<!DOCTYPE a [<!ENTITY b '&c;'>]><a/>", "a.xml"],
  ];
  for (const [content, name] of samples) {
    const result = await extract(content, name);
    assert.notEqual(result.outcome, "extracted", name);
    if (result.outcome !== "extracted") assert.match(result.reason, /^[A-Z].*\.$/, name);
  }
});

test("random bytes under any name end in one of the outcomes", async () => {
  const names = fc.constantFrom(
    "a.txt",
    "a.md",
    "a.html",
    "a.xml",
    "a.csv",
    "a.json",
    "a.docx",
    "a",
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), names, async (bytes, name) => {
      const { outcome } = await extract(Buffer.from(bytes), name);
      assert.ok(["extracted", "failed", "unsupported"].includes(outcome));
    }),
    { numRuns: 300 },
  );
});
