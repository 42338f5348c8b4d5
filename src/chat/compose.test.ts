import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { composeAnswer } from "./compose.ts";
import { passageOf } from "../../tests/evals/answers-passages.ts";
import type { Piece } from "./compose.ts";

function piece(title: string, shown: string, more: Partial<Piece> = {}): Piece {
  const passage = { ...passageOf(title, `Before. ${shown} After.`), score: 1 };
  return { passage, shown, excerpt: shown, isBlock: false, ...more };
}

test("one piece is the whole text, and its segment covers it", () => {
  const answer = composeAnswer([piece("Leave", "25 days.")]);
  assert.equal(answer.text, "25 days.");
  assert.deepEqual(answer.sourceAttributions, [
    {
      citationNumber: 1,
      title: "Leave",
      snippet: "Before. 25 days. After.",
      url: "https://docs.example/Leave",
      updatedAt: new Date("2026-01-02T03:04:05Z"),
      documentId: "s3://docs/Leave",
      indexId: "00000000-0000-4000-8000-000000000001",
      datasourceId: "00000000-0000-4000-8000-000000000002",
      textMessageSegments: [{ beginOffset: 0, endOffset: 8, snippetExcerpt: { text: "25 days." } }],
    },
  ]);
});

test("a document without address, time and data source has no such members", () => {
  const source = { title: "T", documentId: "d", indexId: "i" };
  const passage = { ...passageOf("T", "x"), source, score: 1 };
  const [only] = composeAnswer([piece("T", "x", { passage })]).sourceAttributions;
  assert.deepEqual(Object.keys(only ?? {}), [
    "citationNumber",
    "title",
    "snippet",
    "documentId",
    "indexId",
    "textMessageSegments",
  ]);
});

test("citation numbers follow first use, and one document is one entry with several segments", () => {
  const answer = composeAnswer([piece("B", "One."), piece("A", "Two."), piece("B", "Three.")]);
  assert.equal(answer.text, "One.\n\nTwo.\n\nThree.");
  const entries = answer.sourceAttributions.map(({ citationNumber, title, ...rest }) => [
    citationNumber,
    title,
    rest.textMessageSegments.map(({ beginOffset, endOffset }) => [beginOffset, endOffset]),
  ]);
  assert.deepEqual(entries, [
    [
      1,
      "B",
      [
        [0, 4],
        [12, 18],
      ],
    ],
    [2, "A", [[6, 10]]],
  ]);
});

test("sentences of one passage run on; rows and unfinished lines begin a line", () => {
  const row = piece("A", "Price: 5", { isBlock: true });
  const pieces = [piece("A", "One."), piece("A", "Two"), piece("A", "Three."), row];
  assert.equal(composeAnswer(pieces).text, "One. Two\nThree.\nPrice: 5");
});

test("a lead-in stands before the first segment and is part of the text", () => {
  const answer = composeAnswer([piece("A", "One.")], "Nearest:\n\n");
  assert.equal(answer.text, "Nearest:\n\nOne.");
  assert.equal(answer.sourceAttributions[0]?.textMessageSegments[0]?.beginOffset, 10);
});

test("nothing to show gives an empty answer without sources", () => {
  assert.deepEqual(composeAnswer([]), { text: "", deltas: [], sourceAttributions: [] });
});

test("W9: deltas concatenate to the text, segments lie on what is shown, numbers are dense", () => {
  const anyPiece = fc
    .record({
      title: fc.constantFrom("A", "B", "C"),
      shown: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
      isBlock: fc.boolean(),
    })
    .map(({ title, shown, isBlock }) => piece(title, shown, { isBlock }));
  fc.assert(
    fc.property(fc.array(anyPiece), fc.constantFrom("", "Lead: "), (pieces, leadIn) => {
      const { text, deltas, sourceAttributions } = composeAnswer(pieces, leadIn);
      assert.equal(deltas.join(""), text);
      const shown = new Set(pieces.map((each) => each.shown));
      const segments = sourceAttributions.flatMap((source) => source.textMessageSegments);
      assert.equal(segments.length, pieces.length);
      for (const { beginOffset, endOffset, snippetExcerpt } of segments) {
        assert.ok(0 <= beginOffset && beginOffset < endOffset && endOffset <= text.length);
        assert.ok(shown.has(text.slice(beginOffset, endOffset)));
        assert.ok(text.slice(beginOffset, endOffset).isWellFormed());
        assert.equal(text.slice(beginOffset, endOffset), snippetExcerpt.text);
      }
      assert.deepEqual(
        sourceAttributions.map(({ citationNumber }) => citationNumber),
        sourceAttributions.map((_, i) => i + 1),
      );
      const titles = sourceAttributions.map(({ title }) => title);
      assert.deepEqual(titles, [...new Set(pieces.map(({ passage }) => passage.source.title))]);
    }),
  );
});
