import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ApiError } from "./errors.ts";
import { jsonDepthMax, parseJsonObject } from "./json.ts";

function refuses(bytes: Uint8Array, text: RegExp): void {
  assert.throws(
    () => parseJsonObject(bytes),
    (error) => {
      assert.ok(error instanceof ApiError);
      assert.equal((error.members as { reason?: string }).reason, "CANNOT_PARSE");
      assert.match(error.message, text);
      return true;
    },
  );
}

const nested = (levels: number, open: string, close: string, inner: string): Buffer =>
  Buffer.from(`{"a":${open.repeat(levels - 1)}${inner}${close.repeat(levels - 1)}}`);

test("an object is parsed and an empty body is an empty object", () => {
  assert.deepEqual(parseJsonObject(Buffer.from('{"a":[1,{"b":"ü"}]}')), { a: [1, { b: "ü" }] });
  assert.deepEqual(parseJsonObject(new Uint8Array()), {});
  assert.deepEqual(parseJsonObject(new TextEncoder().encode(" {}\n")), {});
});

test("what is no object is refused", () => {
  for (const text of ["null", "[]", "1", '"a"', "true"]) refuses(Buffer.from(text), /JSON object/);
});

test("broken JSON is refused without a word of its content", () => {
  for (const text of [
    '{"a":',
    "{a:1}",
    '{"secret":"x',
    "{}{}",
    "\ufeff{}",
    "{'a':1}",
    "NaN",
    " ",
  ]) {
    refuses(Buffer.from(text), /^The request body is not valid JSON\.$/);
  }
});

test("bytes that are no UTF-8 are refused", () => {
  refuses(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /UTF-8/);
});

test("as many levels as the limit are taken and one more is refused", () => {
  parseJsonObject(nested(jsonDepthMax, "[", "]", "1"));
  refuses(nested(jsonDepthMax + 1, "[", "]", "1"), /deeper than 64/);
  refuses(nested(jsonDepthMax + 1, '{"b":', "}", "1"), /deeper than 64/);
  refuses(Buffer.from("[".repeat(1_000_000)), /deeper/);
});

test("brackets inside strings do not count, whatever escapes stand before the quote", () => {
  const text = JSON.stringify({ a: "[".repeat(500), b: '\\"[[{'.repeat(200), "[[": "\\" });
  assert.deepEqual(parseJsonObject(Buffer.from(text)), JSON.parse(text));
});

test("depth is counted right after strings of quotes, backslashes and brackets", () => {
  const text = fc.string({ unit: fc.constantFrom("\\", '"', "[", "}", "a"), maxLength: 8 });
  const levels = fc.integer({ min: jsonDepthMax - 3, max: jsonDepthMax + 3 });
  fc.assert(
    fc.property(fc.array(text), levels, (before, count) => {
      let value: unknown = before;
      for (let level = 0; level < count - 2; level += 1) value = [before[0] ?? 1, value];
      const body = Buffer.from(JSON.stringify({ before, value }));
      if (count <= jsonDepthMax) assert.doesNotThrow(() => parseJsonObject(body));
      else refuses(body, /deeper/);
    }),
  );
});

test("whatever is parsed equals what JSON.parse says", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 8 })), (value) => {
      const text = JSON.stringify(value);
      assert.deepEqual(parseJsonObject(Buffer.from(text)), JSON.parse(text));
    }),
  );
});

test("backslashes and quotes without end take linear time", () => {
  const started = performance.now();
  refuses(Buffer.from(`{"${"\\".repeat(4_000_001)}`), /JSON/);
  refuses(Buffer.from(`{"a":"${'\\\\"'.repeat(2_000_000)}`), /JSON/);
  assert.ok(performance.now() - started < 2000);
});
