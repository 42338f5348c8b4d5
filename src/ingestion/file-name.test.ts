import assert from "node:assert/strict";
import { test } from "node:test";
import { fileNameOf } from "./file-name.ts";

function nameOf(documentId: string, more: { title?: string; type?: string } = {}, key?: string) {
  const { title = documentId, type } = more;
  const attributes =
    type === undefined ? [] : [{ name: "_file_type", value: { stringValue: type } }];
  return fileNameOf({ documentId, title, attributes }, key);
}

test("the key of an object is its name, whatever else is said", () => {
  assert.equal(nameOf("kb.md", { type: "HTML" }, "a/b.v2/x.pdf"), "a/b.v2/x.pdf");
  assert.equal(nameOf("kb", {}, "setup.exe"), "setup.exe");
});

test("without one, the attribute, the id and the title tell the format of a text, in this order", () => {
  assert.equal(nameOf("kb-17", { type: "MD" }), "kb-17.md");
  assert.equal(nameOf("kb-17.csv", { type: "html", title: "x.md" }), "kb-17_csv.html");
  assert.equal(nameOf("kb-17.html", { type: "HTML" }), "kb-17.html");
  assert.equal(nameOf("kb-17", { type: "PLAIN_TEXT", title: "x.md" }), "kb-17.txt");
  assert.equal(nameOf("notes.csv", { title: "x.md" }), "notes.csv");
  assert.equal(nameOf("kb-17", { title: "Notes.md" }), "kb-17.md");
  assert.equal(nameOf("kb-17", { title: "Notes.md" }, "folder.1/file"), "folder.1/file.md");
});

test("endings of words are no extensions", () => {
  assert.equal(nameOf("https://www.example.com"), "https://www_example_com");
  assert.equal(nameOf("kb-17", { title: "Guide to Node.js" }), "kb-17");
  assert.equal(nameOf("kb-17", { type: "a.b" }), "kb-17");
});

test("a format that shows in the bytes is not taken from a title or the attribute", () => {
  assert.equal(nameOf("report.pdf"), "report.pdf");
  assert.equal(nameOf("summary", { type: "PDF", title: "Summary of report.pdf" }), "summary");
  assert.equal(nameOf("letter", { type: "MS_WORD", title: "Letter.docx" }), "letter");
});
