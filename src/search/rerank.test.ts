import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Rerankable, rerankScores, rerankWeights } from "./rerank.ts";

const terms = [
  { term: "annual", idf: 2 },
  { term: "leav", idf: 2 },
];

function passage(text: string, bm25 = 1): Rerankable {
  return { text, bm25 };
}

test("one sentence that holds the whole question beats two that share it", () => {
  const [together = 0, apart = 0] = rerankScores(
    [passage("Annual leave is long. Ask."), passage("It is annual. You may leave.")],
    terms,
  );
  assert.ok(together > apart);
  assert.equal(together, 1 + rerankWeights.coverage + rerankWeights.adjacency * (2 / 4));
  assert.equal(apart, 1 + rerankWeights.coverage / 2);
});

test("order and neighbourhood count", () => {
  const [inOrder = 0, turned = 0, between = 0] = rerankScores(
    [
      passage("We give annual leave."),
      passage("You leave for the annual meeting."),
      passage("The annual meeting and leave."),
    ],
    terms,
  );
  assert.ok(inOrder > turned);
  assert.equal(turned, between);
});

test("a synonym fills its term's place, and nothing more", () => {
  const asked = [...terms, { term: "vacat", idf: 1, standsFor: "leav" }];
  const [own, synonym, both] = rerankScores(
    [passage("Annual leave."), passage("Annual vacation."), passage("Annual leave vacation.")],
    asked,
  );
  assert.equal(synonym, own);
  assert.equal(both, own);
  const unknown = [{ term: "vacat", idf: 1, standsFor: "pto" }];
  const [only] = rerankScores([passage("Our vacation.")], unknown);
  assert.equal(only, 1 + rerankWeights.coverage);
});

test("a full stop inside of a number or a name ends no sentence, an empty line does", () => {
  const [dotted = 0, lines = 0] = rerankScores(
    [passage("Annual 1.5 leave"), passage("Annual\n\nleave")],
    terms,
  );
  assert.ok(dotted > lines);
});

test("scores lie between BM25's share and that plus all weights", () => {
  const texts = fc.array(
    fc.record({ text: fc.lorem(), bm25: fc.float({ min: 0, max: 9, noNaN: true }) }),
  );
  fc.assert(
    fc.property(texts, (passages) => {
      const words = ["lorem", "ipsum", "dolor"].map((term) => ({ term, idf: 1 }));
      const best = Math.max(0, ...passages.map(({ bm25 }) => bm25));
      for (const [i, score] of rerankScores(passages, words).entries()) {
        const share = best === 0 ? 0 : (passages[i]?.bm25 ?? 0) / best;
        assert.ok(score >= share && score <= share + 1, `${score}`);
      }
    }),
  );
});

test("no terms and no passages are no problem", () => {
  assert.deepEqual(rerankScores([], terms), []);
  assert.deepEqual(rerankScores([passage("x", 3)], []), [1]);
});
