import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOfExtension } from "./extension-kind.ts";

test("an extension stands for a format that is text, for another one, or for none", () => {
  for (const extension of ["txt", "MD", "tsv", "xhtml"]) {
    assert.equal(kindOfExtension(extension), "text", extension);
  }
  for (const extension of ["pdf", "DOCX", "xls"]) {
    assert.equal(kindOfExtension(extension), "binary", extension);
  }
  for (const extension of ["js", "com", "", "constructor"]) {
    assert.equal(kindOfExtension(extension), undefined, extension);
  }
});
