import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeBase64 } from "./blob.ts";
import { percentDecode } from "./percent.ts";
import { fromEpochSeconds, parseIsoTimestamp } from "./timestamp.ts";

test("ISO times have 0 to 9 fraction digits and a zone, and are kept to the millisecond", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20.000Z"],
    ["2023-11-14T22:13:20.1Z", "2023-11-14T22:13:20.100Z"],
    ["2023-11-14T22:13:20.123Z", "2023-11-14T22:13:20.123Z"],
    ["2023-11-14T22:13:20.123456Z", "2023-11-14T22:13:20.123Z"],
    ["2023-11-14T22:13:20.999999999Z", "2023-11-14T22:13:20.999Z"],
    ["2023-11-14T22:13:20+02:00", "2023-11-14T20:13:20.000Z"],
    ["2023-11-14T22:13:20-11:30", "2023-11-15T09:43:20.000Z"],
    ["2023-11-14T22:13:20", "2023-11-14T22:13:20.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"],
  ];
  for (const [text, expected] of cases) {
    assert.equal(parseIsoTimestamp(text)?.toISOString(), expected, text);
  }
});

test("what is no time, or none that exists, is refused", () => {
  for (const text of [
    "",
    "now",
    "1700000000",
    "2023-02-29",
    "2023-02-30T00:00:00Z",
    "2023-13-01T00:00:00Z",
    "2023-01-01T24:00:00Z",
    "2023-01-01T23:60:00Z",
    "2023-01-01T23:59:60Z",
    "2023-01-01T00:00:00.Z",
    "2023-01-01T00:00:00.1234567890Z",
    "2023-01-01T00:00Z",
    "2023-01-01 00:00:00Z",
    "2023-01-01T00:00:00+24:00",
    "2023-01-01T00:00:00+01:60",
    "2023-01-01T00:00:00z",
    "2023-01-01T00:00:00Z\n",
    "+02023-01-01T00:00:00Z",
    `2023-01-01T00:00:00.${"1".repeat(100_000)}Z`,
  ]) {
    assert.equal(parseIsoTimestamp(text), undefined, text.slice(0, 40));
  }
});

test("any time survives as ISO text and as epoch seconds", () => {
  const min = new Date("0000-01-01T00:00:00Z");
  const max = new Date("9999-12-31T23:59:59.999Z");
  fc.assert(
    fc.property(fc.date({ min, max, noInvalidDate: true }), (time) => {
      assert.deepEqual(parseIsoTimestamp(time.toISOString()), time);
      assert.deepEqual(fromEpochSeconds(time.getTime() / 1000), time);
    }),
  );
});

test("epoch seconds outside of what a date can hold are refused", () => {
  assert.equal(fromEpochSeconds(8.64e12)?.getTime(), 8.64e15);
  for (const seconds of [8.64e12 + 1, -8.65e12, Number.NaN, Infinity]) {
    assert.equal(fromEpochSeconds(seconds), undefined);
  }
});

test("base64 decodes to what was encoded", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const decoded = decodeBase64(Buffer.from(bytes).toString("base64"));
      assert.deepEqual(new Uint8Array(decoded ?? []), bytes);
    }),
  );
});

test("what is not strictly base64 is refused", () => {
  for (const text of [
    "A",
    "AA",
    "AAA",
    "AA=",
    "A===",
    "AAA\n",
    "AA A",
    "AA-_",
    "QQ==QQ==",
    "=AAA",
    "ŁAAA",
    "AA\u0000A",
    "😀",
  ]) {
    assert.equal(decodeBase64(text), undefined, JSON.stringify(text));
  }
  assert.equal(decodeBase64("")?.length, 0);
  assert.equal(decodeBase64("////")?.toString("hex"), "ffffff");
});

test("strict base64 is what the obvious pattern takes", () => {
  const pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  const letter = fc.constantFrom("A", "z", "9", "+", "/", "=", "-", "_", " ", "é", "Ł");
  fc.assert(
    fc.property(fc.string({ unit: letter, maxLength: 12 }), (text) => {
      assert.equal(decodeBase64(text) !== undefined, pattern.test(text), JSON.stringify(text));
    }),
    { numRuns: 3000 },
  );
});

test("percent escapes decode once, and broken ones give nothing", () => {
  assert.equal(percentDecode("a%20b%252F+"), "a b%2F+");
  assert.equal(percentDecode("%E4%BD%A0"), "你");
  for (const text of ["%", "%1", "%gg", "%ff", "%c0%af", "%ed%a0%80"]) {
    assert.equal(percentDecode(text), undefined, text);
  }
});
