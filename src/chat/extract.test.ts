import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { confidenceMin, extractAnswer, scoreConfidences } from "./chat.ts";
import { handbook, passageOf, retrieveFrom } from "../../tests/evals/answers-passages.ts";
import type { Extracted } from "./chat.ts";
import type { PlainPassage } from "../../tests/evals/answers-bm25.ts";

function ask(text: string, passages = handbook, borrowed = ""): Extracted {
  return extractAnswer({ text, borrowed }, retrieveFrom(passages, `${text} ${borrowed}`));
}

const answered: readonly (readonly [string, RegExp, string])[] = [
  ["How many days of annual leave do full-time employees get?", /25 days/, "Leave policy"],
  ["How long is parental leave?", /16 weeks/, "Leave policy"],
  ["Who founded the company?", /Greta Lindqvist/, "History"],
  ["How many characters must passwords have?", /14 characters/, "Security"],
  ["When is lunch served?", /11:30 to 14:00/, "Canteen"],
  ["What does the Falcon blender cost?", /89 EUR/, "Price list"],
];

for (const [question, expected, title] of answered) {
  test(`"${question}" is answered from "${title}"`, () => {
    const { answer, confidence } = ask(question);
    assert.ok(confidence >= confidenceMin, String(confidence));
    assert.match(answer?.text ?? "", expected);
    assert.equal(answer?.sourceAttributions[0]?.title, title);
  });
}

const unanswered: readonly string[] = [
  "How do I configure the quantum flux compensator?",
  "What is the salary of the chief executive?",
  "Which zebra won the tournament?",
  "What can we do about it?",
  "",
  "?!",
];

for (const question of unanswered) {
  test(`"${question}" gets no answer: nothing here is about it`, () => {
    assert.equal(ask(question).answer, undefined);
  });
}

test("no passages, no answer", () => {
  assert.deepEqual(ask("How long is parental leave?", []), { confidence: 0 });
});

test("a table row is shown with the names of its columns, and cited word for word", () => {
  const { answer } = ask("What warranty does the Heron toaster have?");
  assert.match(answer?.text ?? "", /Product: Heron toaster; Price: 35 EUR; Warranty: 3 years/);
  const segments = answer?.sourceAttributions.flatMap((source) => source.textMessageSegments) ?? [];
  const excerpts = segments.map(({ snippetExcerpt }) => snippetExcerpt.text);
  assert.ok(excerpts.includes("| Heron toaster | 35 EUR | 3 years |"), excerpts.join("\n"));
});

test("markup is shown as text, and the excerpt keeps it", () => {
  const { answer } = ask("How much may hotels in large cities cost per night?");
  assert.match(answer?.text ?? "", /140 EUR per night in large cities\./);
  const [segment] = answer?.sourceAttributions[0]?.textMessageSegments ?? [];
  assert.match(segment?.snippetExcerpt.text ?? "", /\[large cities\]\(cities\.md\)/);
});

test("the question of a list of questions is not taken for its answer", () => {
  const text = "May I bring a dog to work? Yes, on Fridays.\n\nMay I bring my cat to work? Never.";
  const faq = passageOf("Pets", text);
  const { answer } = ask("May I bring my cat to work?", [faq, ...handbook]);
  assert.match(answer?.text ?? "", /Never\./);
});

test("the snippet is the whole chunk", () => {
  const { answer } = ask("How long is parental leave?");
  assert.equal(answer?.sourceAttributions[0]?.snippet, handbook[1]?.text);
});

test("W9: the answer holds no citation marks, not even those of its source", () => {
  const text = "The LZ 127 flew for nine years.[3][4] The LZ 127 was a zeppelin [5].";
  const { answer } = ask("How many years did the LZ 127 fly?", [
    passageOf("Air", text),
    ...handbook,
  ]);
  assert.match(answer?.text ?? "", /nine years\. The LZ 127 was a zeppelin\./);
});

test("an unsure answer says that it is only the nearest text, a sure one just answers", () => {
  const sure = ask("How long is parental leave?");
  assert.ok(sure.confidence > 0.9 && !sure.answer?.text.startsWith("These are"));
  const words = ["garage", "lunch", "screen", "visitors", "receipts", "approval", "coffee"];
  const texts = words.flatMap((a) => words.map((b) => ask(`${a} ${b} ${b}s unknown`)));
  for (const { confidence, answer } of texts) {
    if (answer === undefined) continue;
    assert.equal(answer.text.startsWith("These are the most relevant"), confidence < 0.6);
  }
});

test("borrowed words steer a follow-up to its subject", () => {
  const { answer } = ask("And the warranty?", handbook, "price of the Heron toaster");
  assert.match(answer?.text ?? "", /Heron toaster.*3 years/);
});

test("sources stand in reading order, and a very long row is cut", () => {
  const wide = `| Code | Text |\n|---|---|\n| ZX81 | ${"long words ".repeat(200)} |`;
  const { answer } = ask("What is ZX81?", [...handbook, passageOf("Codes", wide)]);
  assert.ok((answer?.text.length ?? 0) < 1_500);
  assert.match(answer?.text ?? "", /^(?:These .*:\n\n)?Code: ZX81; Text: long.*…/su);
});

test("whatever passages say, offsets lie inside, excerpts are verbatim, only they are cited", () => {
  const words = fc.constantFrom(
    ..."leave days annual 25 | - # ``` 😀 `x` The. It. \n \n\n é".split(" "),
    "\n",
    "\n\n",
  );
  const text = fc.array(words, { maxLength: 40 }).map((parts) => parts.join(" "));
  const passage = fc.record({ title: fc.constantFrom("A", "B"), text, ordinal: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(passage, { maxLength: 6 }), text, (drafts, question) => {
      const passages: readonly PlainPassage[] = drafts.map(({ title, text, ordinal }) =>
        passageOf(title, text, { ordinal }),
      );
      const { answer, confidence } = ask(`annual leave ${question}`, passages);
      assert.ok(confidence >= 0 && confidence <= 1);
      assert.equal(answer === undefined, confidence < confidenceMin || passages.length === 0);
      const sources = answer?.sourceAttributions ?? [];
      assert.equal((answer?.deltas ?? []).join(""), answer?.text ?? "");
      for (const [i, source] of sources.entries()) {
        assert.equal(source.citationNumber, i + 1);
        const own = passages.filter((p) => p.source.documentId === source.documentId);
        assert.ok(own.some((p) => p.text === source.snippet));
        assert.ok(source.textMessageSegments.length > 0);
        for (const { beginOffset, endOffset, snippetExcerpt } of source.textMessageSegments) {
          assert.ok(0 <= beginOffset && beginOffset < endOffset);
          assert.ok(endOffset <= (answer?.text.length ?? 0));
          assert.ok(answer?.text.slice(beginOffset, endOffset).isWellFormed());
          assert.ok(own.some((p) => p.text.includes(snippetExcerpt.text)));
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("hostile passages and an endless question take no time", () => {
  const start = performance.now();
  const pieces = [
    "| a ",
    "- x\n",
    "`",
    "[",
    "](",
    "**",
    "A. ",
    "It? ",
    "\n\n",
    "😀",
    "in the A",
    "1,",
  ];
  const passages = pieces.map((piece, i) =>
    passageOf(`T${i}`, `leave ${piece.repeat(Math.ceil(8_000 / piece.length))}`),
  );
  const words = Array.from({ length: 1_000 }, (_, i) => `w${i}`).join(" ");
  ask(`How many leave in the ${words}`, passages);
  assert.ok(performance.now() - start < 3_000, `${performance.now() - start} ms`);
});

test("search results are graded by the same confidence, best match highest", () => {
  const query = "parental leave at full pay";
  const retrieved = retrieveFrom(handbook, query);
  const grades = scoreConfidences(query, retrieved);
  assert.equal(grades.length, retrieved.passages.length);
  assert.equal(retrieved.passages[0]?.ordinal, 1);
  assert.equal(grades[0], "VERY_HIGH");
  assert.ok(
    grades.slice(2).every((grade) => grade !== "VERY_HIGH"),
    grades.join(),
  );
});

test("a result whose terms hardly meet the query is LOW, one without words NOT_AVAILABLE", () => {
  const query = "office quantum flux compensator zebra";
  const [grade] = scoreConfidences(query, retrieveFrom(handbook, query));
  assert.equal(grade, "LOW");
  const { passages, statistics } = retrieveFrom(handbook, "office");
  assert.equal(scoreConfidences("?", { passages, statistics })[0], "NOT_AVAILABLE");
  const empty = passages.map((passage) => ({ ...passage, text: "# Office" }));
  assert.equal(scoreConfidences("office", { passages: empty, statistics })[0], "NOT_AVAILABLE");
});
