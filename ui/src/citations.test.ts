import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { citationMarks, placeCitations } from "./citations.ts";
import type { Source } from "./events.ts";
import type { Inline } from "./inline.ts";
import { parseMarkdown, type Block } from "./markdown.ts";

function source(number: number, ...endOffsets: readonly number[]): Source {
  return {
    number,
    title: `Source ${number}`,
    snippet: "",
    url: undefined,
    updatedAt: undefined,
    segments: endOffsets.map((endOffset) => ({ beginOffset: 0, endOffset, excerpt: "" })),
  };
}

/** The text as drawn, with its citations in square brackets. */
function draw(message: string, sources: readonly Source[]): string {
  const blocks = placeCitations(parseMarkdown(message), citationMarks(message, sources));
  return blocks.map(drawBlock).join("|");
}

function drawBlock(block: Block): string {
  if (block.kind !== "list") return drawAll(block.children);
  return block.items
    .map(({ children, blocks }) => [drawAll(children), ...blocks.map(drawBlock)].join("/"))
    .join("/");
}

function drawAll(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if (node.kind === "citations") return `[${node.citations.map((c) => c.number).join("")}]`;
      if (node.kind === "link") return `<${drawAll(node.children)}>`;
      return "children" in node ? drawAll(node.children) : node.text;
    })
    .join("");
}

test("a number stands at the end of the stretch that its source supports", () => {
  assert.equal(draw("One. Two.", [source(1, 4), source(2, 9)]), "One.[1] Two.[2]");
});

test("numbers at one place stand in ascending order, each once", () => {
  assert.equal(draw("One. Two.", [source(2, 4, 4), source(1, 4)]), "One.[12] Two.");
});

test("places are found before marks are hidden", () => {
  const message = "**One.** Two *and* three.";
  assert.equal(
    draw(message, [source(1, 8), source(2, 18), source(3, 25)]),
    "One.[1] Two and[2] three.[3]",
  );
  assert.equal(draw(message, [source(1, 6)]), "One.[1] Two and three.");
});

test("a place inside code or a link moves to its end", () => {
  assert.equal(draw("run `npm start` now", [source(1, 8)]), "run npm start[1] now");
  const link = "see [the page](https://x.example) now";
  assert.equal(draw(link, [source(1, 7), source(2, 20)]), "see <the page>[1][2] now");
  assert.equal(draw("```\nlet a\n```", [source(1, 6)]), "let a[1]");
});

test("each item of a list keeps its own number", () => {
  const message = "- One\n- Two\n  - Three";
  const ends = ["One", "Two", "Three"].map((word) => message.indexOf(word) + word.length);
  const sources = ends.map((end, index) => source(index + 1, end));
  assert.equal(draw(message, sources), "One[1]/Two[2]/Three[3]");
});

test("a place among blank lines belongs to the text before it", () => {
  assert.equal(draw("One.\n\nTwo.", [source(1, 5), source(2, 6)]), "One.[1][2]|Two.");
});

test("a place at the very beginning, beyond the end or in an empty text does no harm", () => {
  assert.equal(draw("One.", [source(1, 0)]), "[1]One.");
  assert.equal(draw("One.", [source(1, 99)]), "One.[1]");
  assert.equal(draw("", [source(1, 3)]), "");
});

test("a surrogate pair is never cut", () => {
  assert.deepEqual(
    citationMarks("a🦦b", [source(1, 2)]).map(({ offset }) => offset),
    [3],
  );
});

test("a citation knows which of its source's segments it stands for", () => {
  const [first, second] = citationMarks("One. Two.", [source(7, 9, 4)]);
  assert.deepEqual(first?.citations, [{ number: 7, segment: 1 }]);
  assert.deepEqual(second?.citations, [{ number: 7, segment: 0 }]);
});

/** The plain twin: markers put into the raw text from right to left. Right for texts without marks. */
function drawPlainly(message: string, sources: readonly Source[]): string {
  const places = new Map<number, Set<number>>();
  for (const { number, segments } of sources) {
    for (const { endOffset } of segments) {
      const offset = Math.min(endOffset, message.length);
      places.set(offset, (places.get(offset) ?? new Set()).add(number));
    }
  }
  let text = message;
  for (const [offset, numbers] of [...places].sort(([a], [b]) => b - a)) {
    const label = `[${[...numbers].sort((a, b) => a - b).join("")}]`;
    text = text.slice(0, offset) + label + text.slice(offset);
  }
  return text;
}

const words = fc.stringMatching(/^[a-z][a-z ,.]{0,40}[a-z.]$/);
const someSources = (offset: fc.Arbitrary<number>): fc.Arbitrary<readonly Source[]> =>
  fc
    .array(fc.array(offset, { maxLength: 4 }), { maxLength: 5 })
    .map((all) => all.map((ends, index) => source(index + 1, ...ends)));

test("in a text without marks the numbers stand where the plain way puts them", () => {
  fc.assert(
    fc.property(words, someSources(fc.nat(60)), (message, sources) => {
      assert.equal(draw(message, sources), drawPlainly(message, sources));
    }),
    { numRuns: 500 },
  );
});

test("in any text every place is drawn exactly once and no character is lost", () => {
  const parts = fc.constantFrom(
    "a",
    " ",
    "**",
    "*",
    "`",
    "\n",
    "\n\n",
    "- ",
    "[a](https://x.example)",
    "🦦",
    "_",
  );
  const message = fc.array(parts, { minLength: 1, maxLength: 40 }).map((all) => `a${all.join("")}`);
  fc.assert(
    fc.property(message, someSources(fc.nat(80)), (message, sources) => {
      const marks = citationMarks(message, sources);
      const drawn = draw(message, sources);
      const labels = marks.map(({ citations }) => `[${citations.map((c) => c.number).join("")}]`);
      assert.deepEqual(drawn.match(/\[\d+\]/g) ?? [], labels);
      assert.equal(drawn.replaceAll(/\[\d+\]/g, ""), draw(message, []));
    }),
    { numRuns: 1000 },
  );
});
