import assert from "node:assert/strict";
import { test } from "node:test";
import { readJson } from "./json.ts";
import { readText } from "./text.ts";

test("empty lines make paragraphs, whichever system wrote the file", () => {
  for (const feed of ["\n", "\r\n", "\r"]) {
    const text = ["One", "  more  ", "", " \t", "Two"].join(feed);
    assert.deepEqual(readText(text).blocks, [
      { kind: "paragraph", text: "One\n  more" },
      { kind: "paragraph", text: "Two" },
    ]);
  }
  assert.deepEqual(readText("\n\n").blocks, []);
});

test("JSON keeps its syntax and its keys, valid or not", () => {
  const json = '{\n  "price": 2.5,\n\n  "tags": ["a"]\n}';
  assert.deepEqual(readJson(json).blocks, [
    { kind: "code", text: '{\n  "price": 2.5,\n  "tags": ["a"]\n}' },
  ]);
  assert.equal(readJson('{"a": }{"b"').blocks[0]?.text, '{"a": }{"b"');
});
