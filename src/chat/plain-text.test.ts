import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { plainText } from "./plain-text.ts";

const cases: readonly (readonly [string, string, string])[] = [
  ["plain prose", "Leave is 25 days.", "Leave is 25 days."],
  ["a heading", "## Annual leave", "Annual leave"],
  ["a list bullet", "  - first", "first"],
  ["a numbered item", "12. twelfth", "twelfth"],
  ["a task", "- [x] done", "done"],
  ["a number that is no item", "12.5 percent", "12.5 percent"],
  ["a minus that is no bullet", "-5 degrees", "-5 degrees"],
  ["a quotation", "> > quoted", "quoted"],
  ["a link", "See [the guide](https://x.example/a?b=c) now", "See the guide now"],
  ["a reference link", "See [the guide][1].", "See the guide."],
  ["an image", "![A chart](chart.png) shows it", "A chart shows it"],
  ["an address", "at <https://x.example/a>.", "at https://x.example/a."],
  ["bold and italic", "**all** and *some* and _more_ of ***it***", "all and some and more of it"],
  ["half an emphasis", "**Will it rain?", "Will it rain?"],
  ["the other half", "It will.*", "It will."],
  ["a code span", "set `index.max_size` to ``5``", "set index.max_size to 5"],
  ["snake case", "max_open_scroll and __init__ stay", "max_open_scroll and __init__ stay"],
  ["arithmetic", "2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"],
  ["placeholders", "PUT /<index>/_doc/<id>", "PUT /<index>/_doc/<id>"],
  ["HTML line breaks", "one<br/>two</p>", "one two"],
  ["site instructions", "text {% include copy.html %} {: .note}", "text"],
  ["escapes", "\\*not bold\\* 5 \\< 6", "*not bold* 5 < 6"],
  ["line breaks", "one\ntwo \t three", "one two three"],
  ["citation marks", "It flew.[1][2] And landed [13].", "It flew. And landed."],
  ["brackets that are no link", "array[0] (first)", "array[0] (first)"],
  ["nothing", "", ""],
];

for (const [name, markup, shown] of cases) {
  test(`as a reader sees it: ${name}`, () => assert.equal(plainText(markup), shown));
}

test("text without marks is changed in its white space only", () => {
  const word = fc.stringMatching(/^[\p{L}\p{N},;:?!'"]{1,12}$/u);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.constantFrom(" ", "\n", "  "), (words, gap) =>
      assert.equal(plainText(words.join(gap)), words.join(" ")),
    ),
  );
});

test("hostile runs of marks take no time", () => {
  const start = performance.now();
  for (const mark of ["[", "](", "*", "_", "`", "<a ", "{%", "> ", "\\", " ", "![x]("]) {
    plainText(mark.repeat(Math.ceil(20_000 / mark.length)));
  }
  assert.ok(performance.now() - start < 2_000, `${performance.now() - start} ms`);
});
