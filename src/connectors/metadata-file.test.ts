import assert from "node:assert/strict";
import { test } from "node:test";
import cases from "./metadata-cases.json" with { type: "json" };
import { metadataBytesMax, parseMetadata } from "./metadata-file.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const isInvalid = (content: Uint8Array): boolean => {
  const parsed = parseMetadata(content);
  return "code" in parsed && parsed.code === "S3-5104" && parsed.error.length > 5;
};

test("a valid file says what it says, and unknown or misspelt members say nothing", () => {
  for (const [text, expected] of cases.valid as [string, object][]) {
    // Through JSON, because the attributes have no prototype on purpose.
    assert.deepEqual(JSON.parse(JSON.stringify(parseMetadata(bytes(text)))), expected, text);
  }
});

test("S7: anything empty, misspelt or of another type makes the file invalid, never absent", () => {
  assert.ok(cases.invalid.length >= 40);
  for (const text of cases.invalid) assert.ok(isInvalid(bytes(text)), text);
});

test("S7: a byte-order mark and bytes that are no UTF-8 make the file invalid", () => {
  assert.ok(isInvalid(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes('{"Title":"x"}')])));
  assert.ok(isInvalid(Buffer.from('{"Title":"x"}', "utf16le")));
  assert.ok(isInvalid(Buffer.from('{"Title":"caf\xe9"}', "latin1")));
  assert.ok(isInvalid(Buffer.from([0xff, 0xfe])));
});

test("the limits hold: one at the limit passes, one over does not", () => {
  const of = (members: object): Uint8Array => bytes(JSON.stringify(members));
  const attributes = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${n}`, "x"]));
  assert.ok(!isInvalid(of({ Title: "\u{1F600}".repeat(1024) })));
  assert.ok(isInvalid(of({ Title: "x".repeat(1025) })));
  assert.ok(!isInvalid(of({ DocumentId: "x".repeat(1825) })));
  assert.ok(isInvalid(of({ DocumentId: "x".repeat(1826) })));
  assert.ok(!isInvalid(of({ Attributes: attributes(500) })));
  assert.ok(isInvalid(of({ Attributes: attributes(501) })));
  const padded = Buffer.alloc(metadataBytesMax + 1, " ");
  padded.write("{}");
  assert.ok(!isInvalid(padded.subarray(0, -1)));
  assert.ok(isInvalid(padded));
});

test("an access list of more than the advised 200 entries counts in full", () => {
  const list = Array.from({ length: 2000 }, (_, n) => ({
    Name: `u${n}`,
    Type: "USER",
    Access: n < 1999 ? "ALLOW" : "DENY",
  }));
  const parsed = parseMetadata(bytes(JSON.stringify({ AccessControlList: list })));
  assert.ok("attributes" in parsed);
  assert.equal(parsed.accessList?.length, 2000);
  assert.deepEqual(parsed.accessList.at(-1), { name: "u1999", type: "USER", access: "DENY" });
});

test("deep nesting and a prototype's name do no harm", () => {
  assert.ok(isInvalid(bytes(`{"Attributes":{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`)));
  const parsed = parseMetadata(bytes('{"Attributes":{"__proto__":"x","constructor":"y"}}'));
  assert.ok("attributes" in parsed);
  assert.deepEqual(Object.entries(parsed.attributes), [
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
  assert.equal(parsed.attributes["toString"], undefined, "what the file does not say");
});
