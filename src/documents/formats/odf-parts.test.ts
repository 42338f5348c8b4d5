import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { plainText } from "../block.ts";
import { DocumentFailure } from "../failure.ts";
import { makeOdf, makeOdp, makeOds, makeOdt, odfParagraph } from "../testing/odf-file.ts";
import type { OdfFile } from "../testing/odf-file.ts";
import { makeZip } from "../testing/zip-file.ts";
import { readOdp } from "./odp.ts";
import { readOds } from "./ods.ts";
import { readOdt } from "./odt.ts";

const text = odfParagraph("Text");

function failureOf(read: () => unknown): DocumentFailure | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof DocumentFailure, String(error));
    return error;
  }
}

const codeOf = (bytes: Buffer): string => failureOf(() => readOdt(bytes))?.code ?? "none";
const codeWith = (options: Partial<OdfFile>): string => codeOf(makeOdt(text, options));

test("files under a password fail with what to do, in each way of encrypting", () => {
  const content = { name: "encrypted-package", content: "not readable" };
  const files: readonly (readonly [() => unknown, string])[] = [
    [() => readOdt(makeOdt("", { encrypted: ["content.xml", "styles.xml"] })), "by parts"],
    [() => readOds(makeOds([], { encrypted: ["content.xml"] })), "a spreadsheet"],
    [() => readOdp(makeOdp([], { encrypted: ["content.xml"] })), "a presentation"],
    [
      () => readOdt(makeOdt("", { encrypted: ["encrypted-package"], more: [content] })),
      "as a whole",
    ],
  ];
  for (const [read, what] of files) {
    const failure = failureOf(read);
    assert.equal(failure?.code, "encrypted", what);
    assert.match(failure?.message ?? "", /protected by a password\. Save it without one/, what);
  }
});

test("a password on a part that is not read does not matter", () => {
  assert.equal(codeWith({ encrypted: ["Basic/Standard/Module1.xml"] }), "none");
  assert.equal(codeWith({ encrypted: ["Object 1/content.xml"] }), "none");
});

test("cut files, bombs and parts that lie about their size are refused before they are read", () => {
  const whole = makeOdt(text);
  assert.equal(codeOf(whole), "none");
  assert.equal(codeOf(whole.subarray(0, whole.length - 40)), "corrupt");
  const bomb = { name: "Pictures/a.bin", content: "", claimedBytes: 110_000_000 };
  assert.equal(codeWith({ more: [bomb] }), "unsafe");
  const ratio = { name: "Pictures/a.bin", content: "", claimedBytes: 30_000_000 };
  assert.equal(codeWith({ more: [ratio] }), "unsafe");
  const body = { name: "content.xml", content: `<office:body>${" ".repeat(5_000_000)}` };
  assert.equal(codeWith({ more: [{ ...body, claimedBytes: 100 }] }), "corrupt");
});

test("files without content are damaged, and say so", () => {
  const type = "application/vnd.oasis.opendocument.text";
  const mimetype = { name: "mimetype", content: type };
  assert.equal(codeOf(makeZip([mimetype])), "corrupt");
  assert.equal(codeOf(makeZip([mimetype, { name: "content.xml", content: "garbage" }])), "corrupt");
  const failure = failureOf(() => readOdt(makeZip([mimetype])));
  assert.match(failure?.message ?? "", /^The OpenDocument file is damaged .*\.$/);
});

test("entities that a file declares are not expanded; those built from each other are refused", () => {
  const odt = makeOdt(odfParagraph("&a; end"), { doctype: `<!DOCTYPE x [<!ENTITY a "haha">]>` });
  const { blocks, warnings } = readOdt(odt);
  assert.equal(plainText(blocks), "&a; end");
  assert.match(warnings.join(""), /were not expanded/);
  const outside = `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`;
  const read = readOdt(makeOdt(odfParagraph("&a; end"), { doctype: outside }));
  assert.equal(plainText(read.blocks), "&a; end");
  const laughs = `<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;">]>`;
  assert.equal(codeWith({ doctype: laughs }), "unsafe");
  const styles = {
    name: "styles.xml",
    content: `${laughs}<office:document-styles/>`,
  };
  assert.equal(codeWith({ more: [styles] }), "unsafe");
});

test("depth and numbers of elements cost nothing", () => {
  const deep = `${"<text:section>".repeat(40_000)}${text}${"<text:list><text:list-item>".repeat(20_000)}${text}`;
  assert.deepEqual(
    readOdt(makeOdt(deep)).blocks.map((block) => block.text.trim()),
    ["Text", "- Text"],
  );
  const nested = `${"<table:table><table:table-row><table:table-cell>".repeat(20_000)}${text}`;
  assert.equal(plainText(readOdt(makeOdt(nested)).blocks), "Text");
  assert.deepEqual(readOds(makeOdf({ kind: "spreadsheet", body: nested })).blocks, []);
  assert.deepEqual(readOdp(makeOdp([nested])).blocks, []);
});

test("a file whose content is of another kind than its name holds nothing to read", () => {
  const empty = readOds(makeOdt(text));
  assert.deepEqual(empty.blocks, []);
  assert.equal(empty.pages, 0);
});

test("whatever stands in a file, reading it ends with its text or a failure", () => {
  const words = ["<text:p>", "</text:p>", "<text:h>", "</text:h>", "<text:list>", "</text:list>"];
  words.push("<text:list-item>", "<table:table>", "</table:table>", "<table:table-row>", "a b");
  words.push("</table:table-row>", '<table:table-cell table:number-columns-repeated="9">', "&#0;");
  words.push("</table:table-cell>", "<text:note>", "</text:note>", "<draw:page>", "<draw:frame>");
  words.push("</draw:frame>", "<presentation:notes>", "</draw:page>", "<![CDATA[x", "&amp;", "<");
  const bodies = fc.array(fc.constantFrom(...words), { maxLength: 40 });
  fc.assert(
    fc.property(bodies, (parts) => {
      const file = makeOdf({ kind: "text", body: parts.join("") });
      for (const read of [readOdt, readOds, readOdp]) failureOf(() => read(file));
    }),
    { numRuns: 300 },
  );
});
