import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatOfExtension,
  formats,
  formatsOfContentType,
  isNamedByChoice,
  listedFormat,
} from "./formats.ts";
import { readers } from "./readers.ts";
import { signatures } from "./signatures.ts";

// Source: API reference of Amazon Q Business, "Document", member contentType.
const contentTypes = "PDF HTML MS_WORD PLAIN_TEXT PPT RTF XML XSLT MS_EXCEL CSV JSON MD".split(" ");

test("every content type of the service stands for at least one format, and no other does", () => {
  for (const type of contentTypes) assert.ok(formatsOfContentType(type).length >= 1, type);
  const used = Object.values(formats).flatMap((facts) => facts.contentType ?? []);
  assert.deepEqual([...new Set(used)].sort(), [...contentTypes].sort());
  assert.deepEqual(formatsOfContentType("pdf"), []);
  assert.deepEqual(formatsOfContentType("MS_WORD"), ["docx", "doc"]);
});

test("every extension of the list of supported formats is known and none stands for two", () => {
  const listed =
    "pdf html htm xml xsl xslt md markdown csv xls xlsx json rtf ppt pptx docx doc txt";
  for (const extension of listed.split(" ")) {
    assert.notEqual(formatOfExtension(extension), undefined, extension);
  }
  const all = Object.values(formats).flatMap((facts) => facts.extensions);
  assert.equal(new Set(all).size, all.length);
  assert.equal(formatOfExtension("exe"), undefined);
  assert.equal(formatOfExtension(""), undefined);
});

test("a format without a content type shares the limits of one that has one", () => {
  const chosen = Object.values(formats).filter((facts) => facts.contentType === undefined);
  assert.deepEqual(
    chosen.map((facts) => facts.counterpart),
    ["docx", "xlsx", "pptx"],
  );
  assert.deepEqual([listedFormat("ods"), listedFormat("xlsx")], ["xlsx", "xlsx"]);
});

test("names promise formats that are read by choice", () => {
  for (const name of ["a.odt", "dir/A.OTT", "b.ods", "c.v2.odp"]) assert.ok(isNamedByChoice(name));
  for (const name of [
    "a.docx",
    "odt.txt",
    "a.odg",
    "",
    "odt",
    ".odt",
    "a.constructor",
    "a.odt/b",
  ]) {
    assert.ok(!isNamedByChoice(name), name);
  }
});

test("readers are only of formats of the list", () => {
  for (const name of Object.keys(readers)) assert.ok(name in formats, name);
});

test("no signature hides another one behind it", () => {
  assert.ok(signatures.length > 25);
  for (const [index, { magic, offset = 0 }] of signatures.entries()) {
    const hidden = signatures
      .slice(index + 1)
      .find(
        (later) =>
          (later.offset ?? 0) === offset && later.magic.subarray(0, magic.length).equals(magic),
      );
    assert.equal(hidden, undefined, magic.toString("latin1"));
  }
});
