import assert from "node:assert/strict";
import { test } from "node:test";
import { sniff } from "./sniff.ts";
import type { Sniffed } from "./sniff.ts";
import { makeDocx } from "./testing/docx-file.ts";
import { makeOdf, makeOdp, makeOds, makeOdt, odfParagraph } from "./testing/odf-file.ts";
import { makeZip } from "./testing/zip-file.ts";

const ole = Buffer.from("d0cf11e0a1b11ae1", "hex");
const wide = (text: string): Buffer => Buffer.from(text, "utf16le");
const docx = makeDocx("<w:p/>");
const office = (name: string): Buffer =>
  makeZip([
    { name: "[Content_Types].xml", content: "<Types/>" },
    { name, content: "<x/>" },
  ]);

function verdict(sniffed: Sniffed): string {
  if (sniffed.outcome === "known") return sniffed.format;
  return sniffed.outcome === "failed" ? sniffed.code : sniffed.outcome;
}

function sniffed(content: string | Buffer, fileName: string, contentType?: string): string {
  const hints = contentType === undefined ? { fileName } : { fileName, contentType };
  return verdict(sniff(Buffer.from(content as string), hints));
}

test("magic bytes decide, whatever the name says", () => {
  const cases: readonly (readonly [Buffer | string, string])[] = [
    ["%PDF-1.7\n", "pdf"],
    ["junk before\n%PDF-1.4", "pdf"],
    ["{\\rtf1 text}", "rtf"],
    [docx, "docx"],
    [office("ppt/presentation.xml"), "pptx"],
    [office("xl/workbook.xml"), "xlsx"],
    [office("word/document2.xml"), "docx"],
    [Buffer.concat([ole, wide("WordDocument")]), "doc"],
    [Buffer.concat([ole, wide("PowerPoint Document")]), "ppt"],
    [Buffer.concat([ole, wide("Workbook")]), "xls"],
  ];
  for (const [bytes, format] of cases) {
    for (const name of ["a.txt", "a.pdf", "a.docx", "a", "a.exe"]) {
      assert.equal(sniffed(bytes, name), format, `${format} called ${name}`);
    }
  }
});

test("the extension tells text formats apart", () => {
  const names = {
    "a.txt": "txt",
    "a.md": "md",
    "A.MARKDOWN": "md",
    "a.html": "html",
    "a.htm": "html",
    "a.json": "json",
    "a.xml": "xml",
    "a.xslt": "xslt",
    "a.csv": "csv",
    "dir.pdf/README": "txt",
    ".profile": "txt",
    "release 1.2": "txt",
    "a=b?c#d/日本 (1).txt": "txt",
  };
  for (const [name, format] of Object.entries(names)) {
    assert.equal(sniffed("some text", name), format, name);
  }
});

test("text of no listed kind is not supported, markup shows itself", () => {
  assert.equal(sniffed("print(1)", "a.py"), "unsupported");
  assert.equal(sniffed("<!DOCTYPE html><p>x", "page.php"), "html");
  assert.equal(sniffed("\ufeff  <html><p>x", "page"), "html");
  assert.equal(sniffed("<?xml version='1.0'?><a/>", "feed.rss"), "xml");
});

test("a declared content type wins where the bytes could be that", () => {
  assert.equal(sniffed("# text", "a.md", "PLAIN_TEXT"), "txt");
  assert.equal(sniffed("a,b", "a.bin", "CSV"), "csv");
  assert.equal(sniffed(docx, "a.pdf", "MS_WORD"), "docx");
  assert.equal(sniffed(Buffer.concat([ole, wide("WordDocument")]), "a", "MS_WORD"), "doc");
  assert.equal(sniffed(docx, "a.docx", "PDF"), "corrupt");
  assert.equal(sniffed("plain", "a.pdf", "PDF"), "corrupt");
  assert.equal(sniffed("%PDF-1.4", "a.txt", "PLAIN_TEXT"), "corrupt");
  assert.equal(sniffed("text", "a.txt", "WORDSTAR"), "unsupported");
});

test("foreign kinds are unsupported under their own name and broken under a document's", () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d", "hex");
  assert.equal(sniffed(png, "a.png"), "unsupported");
  assert.equal(sniffed(png, "a"), "unsupported");
  assert.equal(sniffed(png, "a.pdf"), "corrupt");
  assert.equal(
    sniffed(Buffer.from("MZ\x01\x02\x03\x80\x90", "latin1"), "setup.exe"),
    "unsupported",
  );
  assert.equal(sniffed(makeZip([{ name: "a.txt", content: "a" }]), "a.zip"), "unsupported");
  const odt = makeZip([{ name: "mimetype", content: "application/vnd.oasis.opendocument.text" }]);
  assert.equal(sniffed(odt, "a.odt"), "unsupported");
  assert.equal(sniffed(Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]), "a.txt"), "corrupt");
  const reason = sniff(png, { fileName: "photo.pdf" });
  assert.match(reason.outcome === "failed" ? reason.reason : "", /ends in \.pdf .* a PNG image/);
});

test("a text may begin with the letters of a magic number", () => {
  for (const text of [
    "BMW sells cars.",
    "MZ is a file header",
    "GIF89a was a format",
    "RIFF off",
  ]) {
    assert.equal(sniffed(text, "a.txt"), "txt", text);
  }
});

test("encrypted office files are told apart from broken ones", () => {
  const encrypted = Buffer.concat([ole, Buffer.alloc(600), wide("EncryptedPackage")]);
  for (const name of ["a.docx", "a.xlsx", "a"]) assert.equal(sniffed(encrypted, name), "encrypted");
  assert.equal(sniffed(encrypted, "a.docx", "MS_WORD"), "encrypted");
  assert.equal(sniffed(docx.subarray(0, docx.length - 30), "a.docx"), "docx");
  assert.equal(sniffed(docx.subarray(0, docx.length - 30), "a.zip"), "unsupported");
});

test("UTF-16 and a few stray NULs are text", () => {
  assert.equal(sniffed(Buffer.concat([Buffer.from([0xff, 0xfe]), wide("Grüße")]), "a.txt"), "txt");
  assert.equal(sniffed(wide("plain wide text"), "a.txt"), "txt");
  assert.equal(sniffed("a line of text\0\0 and more", "a.txt"), "txt");
});

/** With the operator's choice to read OpenDocument files. */
function chosen(content: Buffer | string, fileName: string, contentType?: string): string {
  const type = contentType === undefined ? {} : { contentType };
  const bytes = Buffer.from(content as string);
  return verdict(sniff(bytes, { fileName, ...type, openDocumentFormats: "read" }));
}

const odt = makeOdt(odfParagraph("Text"));

test("OpenDocument files are foreign, under their own names too, until they are chosen", () => {
  for (const bytes of [odt, makeOds([]), makeOdp([])]) {
    for (const name of ["a.odt", "a.ott", "a.ods", "a.odp", "a", "a.zip"]) {
      assert.equal(sniffed(bytes, name), "unsupported", name);
    }
    assert.equal(sniffed(bytes, "a.docx"), "corrupt");
    assert.equal(sniffed(bytes, "a.odt", "MS_WORD"), "corrupt");
  }
  assert.equal(sniffed("plain text", "a.odt"), "unsupported");
  assert.equal(sniffed(odt.subarray(0, odt.length - 30), "a.odt"), "unsupported");
  const reason = sniff(odt, { fileName: "a.odt", openDocumentFormats: "skip" });
  assert.match(reason.outcome === "unsupported" ? reason.reason : "", /an OpenDocument or EPUB/);
});

test("chosen OpenDocument files are told by their bytes, templates as what they are for", () => {
  const kinds: Readonly<Record<string, string>> = {
    text: "odt",
    "text-template": "odt",
    spreadsheet: "ods",
    "spreadsheet-template": "ods",
    presentation: "odp",
    "presentation-template": "odp",
    graphics: "unsupported",
    "text-master": "unsupported",
    constructor: "unsupported",
    "": "unsupported",
  };
  for (const [kind, wanted] of Object.entries(kinds)) {
    const bytes = makeOdf({ kind, body: "" });
    for (const name of ["a.bin", "a", "a.odg"]) assert.equal(chosen(bytes, name), wanted, kind);
  }
  assert.equal(chosen(odt, "a.docx"), "odt");
  assert.equal(chosen(makeOds([]), "a.odt"), "ods");
  assert.equal(chosen(makeDocx("<w:p/>"), "a.odt"), "docx");
});

test("chosen OpenDocument files that are none, or damaged, are told from them", () => {
  assert.equal(chosen("plain text", "a.odt"), "corrupt");
  assert.equal(chosen(odt.subarray(0, odt.length - 30), "a.OTT"), "odt");
  assert.equal(chosen(makeZip([{ name: "a.txt", content: "a" }]), "a.odt"), "corrupt");
  const type = "application/vnd.oasis.opendocument.text";
  assert.equal(chosen(makeZip([{ name: "mimetype", content: `${type}\n` }]), "a"), "odt");
  const long = { name: "mimetype", content: type.padEnd(5000) };
  assert.equal(chosen(makeZip([long]), "a"), "unsupported");
  const liar = { name: "mimetype", content: type, claimedBytes: 5 };
  assert.equal(chosen(makeZip([liar]), "a"), "unsupported");
  assert.equal(chosen(makeZip([{ ...liar, claimedBytes: 40_000 }]), "a"), "unsupported");
});

test("no content type stands for OpenDocument, so a declared one never fits", () => {
  assert.equal(chosen(odt, "a.odt", "MS_WORD"), "corrupt");
  assert.equal(chosen(makeOds([]), "a.ods", "MS_EXCEL"), "corrupt");
  assert.equal(chosen(odt, "a.odt", "ODT"), "unsupported");
  const declared = { fileName: "a.odt", contentType: "MS_WORD" };
  const said = sniff(odt, { ...declared, openDocumentFormats: "read" });
  assert.match(
    said.outcome === "failed" ? said.reason : "",
    /declared as MS_WORD but contains OpenDocument text data\. .* leave it out\./,
  );
});
