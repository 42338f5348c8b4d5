import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Inline, Leaf } from "./inline.ts";
import { parseMarkdown, plainText, type Block } from "./markdown.ts";

/** A short notation for what was read: `p(text)`, `*(strong)`, `a[address](label)`, … */
function show(blocks: readonly Block[]): string {
  return blocks.map(showBlock).join(" ");
}

function showBlock(block: Block): string {
  if (block.kind === "list") {
    const items = block.items.map(
      ({ children, blocks }) => `(${showAll(children)}${show(blocks)})`,
    );
    return `${block.start ?? "ul"}${items.join("")}`;
  }
  const name = block.kind === "heading" ? `h${block.level}` : block.kind[0];
  return `${name}(${showAll(block.children)})`;
}

function showAll(nodes: readonly Inline[]): string {
  return nodes.map(showInline).join("");
}

function showInline(node: Inline): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "code":
      return `\`${node.text}\``;
    case "strong":
      return `**${showAll(node.children)}**`;
    case "emphasis":
      return `_${showAll(node.children)}_`;
    case "link":
      return `<${node.href}|${showAll(node.children)}>`;
    case "citations":
      return `[${node.citations.map(({ number }) => number).join(",")}]`;
  }
}

const cases: readonly (readonly [what: string, message: string, read: string])[] = [
  ["two paragraphs", "One.\n\nTwo.", "p(One.) p(Two.)"],
  ["a line break stays in its paragraph", "One\ntwo", "p(One\ntwo)"],
  ["headings", "# A\n### B ", "h1(A) h3(B )"],
  ["a number sign without a space is text", "#42 is closed", "p(#42 is closed)"],
  ["a list", "- a\n- b", "ul(a)(b)"],
  ["a list of every bullet", "* a\n+ b\n• c", "ul(a)(b)(c)"],
  ["a numbered list with its start", "3. a\n4) b", "3(a)(b)"],
  ["a loose list", "- a\n\n- b", "ul(a)(b)"],
  ["a list in a list", "- a\n  - b\n  - c\n- d", "ul(aul(b)(c))(d)"],
  ["an item over two lines", "- a\n  more\n- b", "ul(a\n  more)(b)"],
  ["a list after a paragraph", "They are:\n- a", "p(They are:) ul(a)"],
  ["a minus is no bullet", "-5 degrees", "p(-5 degrees)"],
  ["strong and emphasis", "**a** and *b* and __c__ and _d_", "p(**a** and _b_ and **c** and _d_)"],
  ["emphasis within strong", "**a *b* c**", "p(**a _b_ c**)"],
  ["snake case and sums are text", "snake_case_name 2 * 3 * 4", "p(snake_case_name 2 * 3 * 4)"],
  ["a mark without its partner is text", "**a", "p(**a)"],
  ["code", "run `npm start` now", "p(run `npm start` now)"],
  ["no marks within code", "`**a**`", "p(`**a**`)"],
  ["code with a backtick in it", "``a`b``", "p(`a`b`)"],
  ["escaped marks", "\\*a\\*", "p(*a*)"],
  ["a fence", "```ts\nlet a = 1;\n\n- b\n```\nend", "c(`let a = 1;\n\n- b`) p(end)"],
  ["a fence that is still open", "```\na", "c(`a`)"],
  ["a quote", "> a\n> b\nc", "q(a\nb) p(c)"],
  ["a link", "[a **b**](https://x.example/p?q=1)", "p(<https://x.example/p?q=1|a **b**>)"],
  [
    "a bare address",
    "See https://x.example/a.",
    "p(See <https://x.example/a|https://x.example/a>.)",
  ],
  ["a link that runs a program", "[a](javascript:alert(1))", "p(a))"],
  ["a link that carries data", "[a](data:text/html,x)", "p(a)"],
  ["a link in disguise", "[a](JaVaScRiPt://x.example)", "p(a)"],
  ["an image leaves its description", "![a cat](https://x.example/cat.png)", "p(a cat)"],
  [
    "a link within a link is none",
    "[https://y.example](https://x.example)",
    "p(<https://x.example/|https://y.example>)",
  ],
  ["HTML is text", '<img src=x onerror="a()"><b>', 'p(<img src=x onerror="a()"><b>)'],
  ["nothing", "", ""],
];

test("the Markdown of answers is read as a reader expects", () => {
  for (const [what, message, read] of cases) {
    assert.equal(show(parseMarkdown(message)), read, what);
  }
});

test("what is spoken has no marks", () => {
  const message = "# Pay\n\nOn the **25th**:\n- a [form](https://x.example)\n  1. `sent`";
  assert.equal(plainText(parseMarkdown(message)), "Pay\nOn the 25th:\na form\nsent");
});

/** Messages in which marks are dense. */
const marked = fc
  .array(
    fc.constantFrom(
      ..."ab *_`[]()!\\\n#->.1 ",
      "**",
      "```",
      "https://x.example",
      "](http://y.example)",
      "javascript:",
      "\n\n- ",
      "\n  - ",
      "é",
      "🦦",
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

function leavesOf(blocks: readonly Block[]): readonly Leaf[] {
  const walk = (nodes: readonly Inline[]): readonly Leaf[] =>
    nodes.flatMap((node) => {
      if ("children" in node) return walk(node.children);
      return node.kind === "citations" ? [] : [node];
    });
  return blocks.flatMap((block) =>
    block.kind === "list"
      ? block.items.flatMap(({ children, blocks }) => [...walk(children), ...leavesOf(blocks)])
      : walk(block.children),
  );
}

test("every leaf is a stretch of the message, in its order and without overlap", () => {
  fc.assert(
    fc.property(marked, (message) => {
      let at = 0;
      for (const { text, begin, end } of leavesOf(parseMarkdown(message))) {
        assert.ok(
          begin >= at && end > begin && end <= message.length,
          `${begin}-${end} after ${at}`,
        );
        assert.equal(text, message.slice(begin, end));
        at = end;
      }
    }),
    { numRuns: 2000 },
  );
});

test("every link is http or https, and none lies within another", () => {
  const check = (nodes: readonly Inline[], isInLink: boolean): void => {
    for (const node of nodes) {
      if (node.kind === "link") {
        assert.match(node.href, /^https?:\/\//);
        assert.ok(!isInLink);
      }
      if ("children" in node) check(node.children, isInLink || node.kind === "link");
    }
  };
  const checkBlock = (block: Block): void => {
    if (block.kind !== "list") return check(block.children, false);
    for (const { children, blocks } of block.items) {
      check(children, false);
      blocks.forEach(checkBlock);
    }
  };
  fc.assert(
    fc.property(marked, (message) => parseMarkdown(message).forEach(checkBlock)),
    {
      numRuns: 1000,
    },
  );
});

test("words without marks come out as they went in", () => {
  const words = fc.stringMatching(/^[a-zA-Zé🦦,;?% ]{1,80}$/u).filter((text) => text.trim() !== "");
  fc.assert(
    fc.property(words, (text) => {
      assert.equal(plainText(parseMarkdown(text)).trim(), text.trim());
    }),
  );
});

test("hostile messages are read in time linear in their length", () => {
  const unit = [
    "**a ",
    "*a ",
    "_a",
    "`",
    "``a",
    "[",
    "[a](",
    "![",
    "> ",
    "- ",
    "https://",
    "\\",
    "**a*b_c ",
  ];
  for (const part of unit) {
    const message = part.repeat(Math.ceil(100_000 / part.length));
    const started = performance.now();
    parseMarkdown(message);
    const tookMs = performance.now() - started;
    assert.ok(tookMs < 1500, `${JSON.stringify(part)} took ${Math.round(tookMs)} ms`);
  }
});
