import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type JsonNode, readJson } from "./json-reader.ts";
import { positionAt } from "./position.ts";

function faultsOf(text: string): readonly string[] {
  return readJson(text).faults.map(({ message, span }) => `${span.start}: ${message}`);
}

/** The node as a plain value, numbers by their text. */
function valueOf(node: JsonNode): unknown {
  if (node.type === "object") {
    return Object.fromEntries(node.members.map(({ name, value }) => [name, valueOf(value)]));
  }
  if (node.type === "array") return node.items.map(valueOf);
  if (node.type === "null") return null;
  if (node.type === "boolean") return node.text === "true";
  return node.type === "number" ? Number(node.text) : node.text;
}

test("any JSON is read as the built-in parser reads it", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      const { root, faults } = readJson(text);
      const repeated = faults.filter(({ message }) => message.includes("occurs twice"));
      assert.equal(faults.length, repeated.length);
      assert.ok(root);
      if (repeated.length === 0) assert.deepEqual(valueOf(root), JSON.parse(text));
    }),
  );
});

test("doubled, leading, trailing and missing commas are each reported, and reading goes on", () => {
  assert.deepEqual(faultsOf('{"a":1,,"b":2}'), ["7: unexpected comma"]);
  assert.deepEqual(faultsOf("[,1]"), ["1: unexpected comma"]);
  assert.deepEqual(faultsOf("[1,]"), ['2: a comma stands before "]"']);
  assert.deepEqual(faultsOf('{"a":1,}'), ['6: a comma stands before "}"']);
  assert.deepEqual(faultsOf("[1 2]"), ["3: a comma is missing"]);
  assert.deepEqual(faultsOf('{"a":1,,"b":[2,]}'), [
    "7: unexpected comma",
    '14: a comma stands before "]"',
  ]);
});

test("repeated members are found, in the object they repeat in", () => {
  assert.deepEqual(faultsOf('{"a":1,"a":2}'), ['7: "a" occurs twice']);
  assert.deepEqual(faultsOf('{"a":{"a":1},"b":{"a":1}}'), []);
  assert.deepEqual(faultsOf('{"\\u0061":1,"a":2}'), ['12: "a" occurs twice']);
  assert.deepEqual(faultsOf('{"__proto__":1,"constructor":2}'), []);
});

test("what cannot be guessed ends the reading with one fault", () => {
  assert.deepEqual(faultsOf(""), ["0: the document ends where a value should be"]);
  assert.deepEqual(faultsOf('{"a":1'), ['6: "}" is missing at the end of the document']);
  assert.deepEqual(faultsOf('["a'), ["1: the string has no closing quote"]);
  assert.deepEqual(faultsOf("{a:1}"), ["1: a member name in double quotes is missing"]);
  assert.deepEqual(faultsOf("[1}"), ['2: "]" was expected, not "}"']);
});

test("words and numbers that JSON does not know are reported", () => {
  for (const word of ["True", "nil", "01", "1.", ".5", "-", "1e", "+1", "NaN", "0x1", "'a'"]) {
    assert.match(faultsOf(`[${word}]`)[0] ?? "", /is no JSON value/, word);
  }
  for (const number of ["0", "-0", "1.5", "1e3", "1E-3", "-12.50e+2"]) {
    assert.deepEqual(faultsOf(`[${number}]`), [], number);
  }
});

test("control characters and unknown escapes in strings are reported", () => {
  assert.deepEqual(faultsOf('["a\nb"]'), ["3: a control character stands in a string"]);
  assert.deepEqual(faultsOf('["\\x"]'), ["2: unknown escape in a string"]);
  assert.deepEqual(faultsOf('["\\u00g0"]'), ["2: unknown escape in a string"]);
  assert.deepEqual(faultsOf("[1] 2"), ["4: text after the end of the document"]);
});

test("nesting and the number of faults have limits", () => {
  assert.deepEqual(faultsOf(`${"[".repeat(32)}${"]".repeat(32)}`), []);
  assert.deepEqual(faultsOf(`${"[".repeat(33)}${"]".repeat(33)}`), [
    "32: more than 32 levels of nesting",
  ]);
  assert.equal(faultsOf(`[${",".repeat(1_000)}]`).length, 50);
});

test("places are lines from one and columns from zero", () => {
  const text = "a\nbc\r\n\nd";
  const places = [0, 1, 2, 3, 6, 7].map((offset) => positionAt(text, offset));
  assert.deepEqual(
    places.map(({ line, column }) => [line, column]),
    [
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
      [3, 0],
      [4, 0],
    ],
  );
  const { root } = readJson('\n {"a": [true]}');
  assert.ok(root?.type === "object");
  const [member] = root.members;
  assert.deepEqual(root.span, { start: 2, end: 15 });
  assert.deepEqual(member?.nameSpan, { start: 3, end: 6 });
  assert.deepEqual(member?.value.span, { start: 8, end: 14 });
});
