import assert from "node:assert/strict";
import { test } from "node:test";
import { createExtractor } from "../../documents/documents.ts";
import { isCompressible, mimeTypeOf } from "./mime.ts";
import { extractedContent } from "./text.ts";

async function contentOf(text: string, fileName: string): Promise<Record<string, unknown>> {
  await using extractor = createExtractor({ processes: 1 });
  const result = await extractor.extract({ bytes: Buffer.from(text), fileName });
  if (result.outcome !== "extracted") assert.fail(result.reason);
  return JSON.parse(extractedContent(result).toString()) as Record<string, unknown>;
}

const frame = { schemaVersionId: "V1", outputFormat: "JSON" };

test("a plain text is one text", async () => {
  assert.deepEqual(await contentOf("One.\n\nTwo.", "a.txt"), {
    ...frame,
    plainTextDocumentContent: "One.\n\nTwo.",
  });
});

test("other documents are elements: sections where there are headings, tables, texts", async () => {
  assert.deepEqual(await contentOf("No heading here.", "a.md"), {
    ...frame,
    nonPlainTextDocumentContent: [{ elementType: "TEXT", text: "No heading here." }],
  });
  const section = { elementType: "SECTION", sectionTitle: "Ports" };
  assert.deepEqual(await contentOf("# Ports\n\nShips rest.", "a.md"), {
    ...frame,
    nonPlainTextDocumentContent: [
      { ...section, text: "# Ports\n\nShips rest.", sectionBody: "# Ports\n\nShips rest." },
    ],
  });
  assert.deepEqual(await contentOf("name,ships\nTromsø,3", "a.csv"), {
    ...frame,
    nonPlainTextDocumentContent: [{ elementType: "TABLE", text: "name | ships\nTromsø | 3" }],
  });
});

test("what a spreadsheet holds is tables, whichever program it comes from", () => {
  const chunk = { ordinal: 0, text: "a | b", beginOffset: 0, endOffset: 5, tokens: 3 };
  const elements = (["xlsx", "ods"] as const).map((format): unknown => {
    const chunks = [{ ...chunk, headingPath: ["Sheet"] }];
    return JSON.parse(extractedContent({ format, chunks }).toString());
  });
  assert.deepEqual(elements[0], elements[1]);
  assert.deepEqual(elements[0], {
    ...frame,
    nonPlainTextDocumentContent: [{ elementType: "TABLE", text: "a | b" }],
  });
});

test("elements do not repeat what chunks do", async () => {
  const sentences = Array.from({ length: 300 }, (_, n) => `Sentence ${n} is about the harbour.`);
  const content = await contentOf(`# Ports\n\n${sentences.join(" ")}`, "a.md");
  const elements = content["nonPlainTextDocumentContent"] as readonly { readonly text: string }[];
  assert.ok(elements.length > 3);
  const all = elements.map(({ text }) => text).join(" ");
  for (const sentence of sentences) {
    assert.equal(all.split(sentence).length, 2, `${sentence} stands there once`);
  }
});

test("types are those that browsers know, and packed files are not packed again", () => {
  assert.equal(mimeTypeOf("pdf"), "application/pdf");
  assert.equal(mimeTypeOf("txt"), "text/plain");
  assert.equal(mimeTypeOf("ods"), "application/vnd.oasis.opendocument.spreadsheet");
  assert.ok(!isCompressible("odt") && !isCompressible("ods") && !isCompressible("odp"));
  assert.ok(isCompressible("html") && isCompressible("doc"));
  assert.ok(!isCompressible("docx") && !isCompressible("pdf"));
});
