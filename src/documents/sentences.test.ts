import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { sentences } from "./sentences.ts";

const texts = (text: string): readonly string[] => sentences(text).map((one) => one.text);

test("abbreviations, titles and initials do not end a sentence", () => {
  assert.deepEqual(texts("Ask Dr. Li. She knows."), ["Ask Dr. Li.", "She knows."]);
  assert.deepEqual(texts("See No. 5, e.g. in J. R. Smith's list. Good."), [
    "See No. 5, e.g. in J. R. Smith's list.",
    "Good.",
  ]);
  assert.deepEqual(texts("The answer is No. We stay."), ["The answer is No.", "We stay."]);
  assert.deepEqual(texts("So did I. Then she left."), ["So did I.", "Then she left."]);
});

test("a wrapped line goes on, a short line, a list item and an empty line end a sentence", () => {
  const wrapped = "This line was wrapped by its editor at a column\nand goes on here. Next.";
  assert.deepEqual(texts(wrapped), [
    "This line was wrapped by its editor at a column\nand goes on here.",
    "Next.",
  ]);
  assert.deepEqual(texts("Opening hours\nMonday to Friday"), ["Opening hours", "Monday to Friday"]);
  const list = "- the first item of this list is rather long\n- the second one";
  assert.equal(texts(list).length, 2);
  assert.equal(texts("one thing that has no full stop at its end\n\nanother").length, 2);
});

test("sentences stand where they say and leave out nothing but white space", () => {
  const word = fc.constantFrom(
    "Dr.",
    "A.",
    "x",
    "Yes!",
    "\n",
    "\n\n",
    "😀",
    "10",
    "3.5",
    "。",
    "é. ",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 60 }), (words) => {
      const text = words.join(" ");
      let at = 0;
      for (const one of sentences(text)) {
        assert.equal(text.slice(at, one.begin).trim(), "");
        assert.equal(text.slice(one.begin, one.end), one.text);
        assert.equal(one.text.trim(), one.text);
        assert.ok(one.end > one.begin);
        at = one.end;
      }
      assert.equal(text.slice(at).trim(), "");
    }),
  );
});

test("what is split without the segmenter is what the segmenter would say", () => {
  const plain = new Intl.Segmenter("en", { granularity: "sentence" });
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 39 }), (text) => {
      const line = text.replace(/[.!?]/g, " ");
      const whole = [...plain.segment(line)].filter(({ segment }) => segment.trim() !== "");
      assert.deepEqual(
        texts(line),
        whole.map(({ segment }) => segment.trim()),
      );
    }),
  );
});

test("megabytes without a full stop or a space are split in linear time", () => {
  const started = performance.now();
  assert.ok(sentences("word ".repeat(400_000)).length >= 1);
  assert.ok(sentences("x".repeat(2_000_000)).length >= 1);
  assert.ok(sentences("A. ".repeat(300_000)).length >= 1);
  assert.ok(performance.now() - started < 4000);
});
