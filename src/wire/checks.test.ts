import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { limits } from "../contract/contract.ts";
import { numberCheck, sizeCheck, textCheck } from "./checks.ts";

test("lengths count code points, as the service does", () => {
  const check = textCheck({ length: [2, 3] });
  assert.equal(check("😀😀"), undefined);
  assert.equal(check("😀😀😀"), undefined);
  assert.equal(check("😀😀😀😀"), "Member must have length less than or equal to 3");
  assert.equal(check("😀"), "Member must have length greater than or equal to 2");
  assert.equal(check(""), "Member must have length greater than or equal to 2");
  assert.equal(check("👩‍🚀"), undefined);
});

test("the count agrees with splitting the text into code points", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "é", "😀", "\ud800", "\udc00"),
    maxLength: 30,
  });
  const bound = fc.integer({ min: 0, max: 30 });
  fc.assert(
    fc.property(text, bound, bound, (value, min, max) => {
      const length = [...value].length;
      const isLegal = length >= min && length <= max;
      assert.equal(textCheck({ length: [min, max] })(value) === undefined, isLegal);
    }),
    { numRuns: 1000 },
  );
});

test("a pattern holds for the whole text and is shown without its anchors", () => {
  const check = textCheck({ pattern: "^[a-z]*$" });
  assert.equal(check("abc"), undefined);
  for (const text of ["abc\n", "Abc", "ab c"]) {
    assert.equal(check(text), "Member must satisfy regular expression pattern: [a-z]*");
  }
});

test("a text that is too long is never shown to the pattern", () => {
  const check = textCheck({ length: [0, 5], pattern: "^(a+)+$" });
  assert.equal(check(`${"a".repeat(50)}!`), "Member must have length less than or equal to 5");
});

test("numbers are whole, of their size and in their range", () => {
  const check = numberCheck({ bits: 32, range: [1, 100] });
  assert.equal(check(1), undefined);
  assert.equal(check(100), undefined);
  assert.equal(check(0), "Member must be greater than or equal to 1");
  assert.equal(check(101), "Member must be less than or equal to 100");
  assert.equal(check(1.5), "Member must be a whole number");
  const open = numberCheck({ bits: 32, range: [1, null] });
  assert.equal(open(2 ** 31 - 1), undefined);
  assert.equal(open(2 ** 31), "Member must be less than or equal to 2147483647");
  const long = numberCheck({ bits: 64 });
  assert.equal(long(Number.MIN_SAFE_INTEGER), undefined);
  assert.match(long(2 ** 53) ?? "", /less than or equal to 9007199254740991/);
  assert.match(long(-(2 ** 53)) ?? "", /greater than or equal to/);
  assert.equal(numberCheck({})(1.5), undefined);
});

test("sizes are bounded on both sides, or on one", () => {
  assert.equal(sizeCheck([null, 5])(0), undefined);
  assert.equal(sizeCheck([1, null])(1_000_000), undefined);
  assert.equal(sizeCheck([1, null])(0), "Member must have length greater than or equal to 1");
});

test("every pattern of the contract takes linear time on hostile text", () => {
  const units = ["a", "-", ".", "/", ":", "0", "arn:", "http://", "aa.css", "a-0", "é", "\n"];
  const slow: string[] = [];
  let patterns = 0;
  for (const [name, { pattern, length }] of Object.entries(limits)) {
    if (pattern === undefined) continue;
    patterns += 1;
    // Longer than any legal value: the limit of length is not what keeps these patterns fast.
    const size = Math.max(length?.[1] ?? 0, 20_000);
    const check = textCheck({ pattern });
    for (const unit of units) {
      const hostile = `${unit.repeat(size / unit.length)}\u0007`;
      const texts = [hostile, `arn:aws:iam::123456789012:role/${hostile}`, `https://${hostile}`];
      // A busy machine may stall any one run, but not each of three.
      const isSlow = [1, 2, 3].every(() => {
        const started = performance.now();
        for (const text of texts) check(text);
        return performance.now() - started > 1000;
      });
      if (isSlow) slow.push(`${name} ${unit}`);
    }
  }
  assert.ok(patterns >= 60, `only ${patterns} patterns seen`);
  assert.deepEqual(slow, []);
});
