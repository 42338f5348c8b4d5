import assert from "node:assert/strict";
import { test } from "node:test";
import { compareKeys } from "../objects/objects.ts";
import { baseName, disjointPrefixes, keyOfPath, metadataKeyOf, metadataRoot } from "./key-paths.ts";

test("three spellings of a path mean one key, and another bucket's none", () => {
  for (const path of ["a/b.json", "/a/b.json", "s3://kb/a/b.json"]) {
    assert.equal(keyOfPath(path, "kb"), "a/b.json");
  }
  assert.equal(keyOfPath("//a", "kb"), "/a");
  assert.equal(keyOfPath("s3://kb", "kb"), "");
  assert.equal(keyOfPath("s3://kb-2/a", "kb"), undefined);
  assert.equal(keyOfPath("s3:///a", "kb"), undefined);
});

test("S16: the whole key of the document follows the metadata prefix", () => {
  assert.equal(metadataKeyOf("reports/q1.pdf", undefined), "reports/q1.pdf.metadata.json");
  for (const prefix of ["meta", "meta/", "meta//"]) {
    assert.equal(metadataKeyOf("reports/q1.pdf", prefix), "meta/reports/q1.pdf.metadata.json");
  }
  assert.equal(metadataRoot(""), "");
});

test("a metadata key longer than any key can be does not exist", () => {
  const suffix = ".metadata.json".length;
  assert.equal(metadataKeyOf("k".repeat(1024 - suffix), undefined)?.length, 1024);
  assert.equal(metadataKeyOf("k".repeat(1025 - suffix), undefined), undefined);
  assert.equal(metadataKeyOf("k".repeat(1024 - suffix), "m"), undefined);
  // Characters count, however many units they take.
  assert.ok(metadataKeyOf("\u{1F600}".repeat(1024 - suffix), undefined) !== undefined);
  assert.equal(metadataKeyOf("\u{1F600}".repeat(1025 - suffix), undefined), undefined);
});

test("prefixes are listed once, in order", () => {
  assert.deepEqual(disjointPrefixes(["b/", "a/x", "a/", "a/y", "b"], compareKeys), ["a/", "b"]);
  assert.deepEqual(disjointPrefixes(["a", "", "b"], compareKeys), [""]);
  assert.deepEqual(disjointPrefixes(["\u{1F600}", "\uFF21"], compareKeys), ["\uFF21", "\u{1F600}"]);
});

test("the base name is what follows the last slash", () => {
  assert.deepEqual(["a/b.txt", "b.txt", "a/"].map(baseName), ["b.txt", "b.txt", ""]);
});
