import assert from "node:assert/strict";
import { test } from "node:test";
import { sniff } from "./sniff.ts";
import type { Sniffed } from "./sniff.ts";
import { makeDocx } from "./testing/docx-file.ts";
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
