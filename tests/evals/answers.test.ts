// How good the extracted answers are, on public questions. Prints its numbers; the floors below
// are a little under them, so that a change for the worse is seen.
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { extractAnswer, passagesAsked } from "../../src/chat/chat.ts";
import { borrowedWords } from "../../src/chat/follow-up.ts";
import { createExtractor } from "../../src/documents/documents.ts";
import { plainIndex } from "./answers-bm25.ts";
import {
  containsAnswer,
  filesOf,
  halvesOf,
  hasData,
  lines,
  listOf,
  loadCorpus,
  loadPageQuestions,
  loadSquad,
  meets,
} from "./answers-data.ts";
import { evalEngine } from "./answers-engine.ts";
import type { PlainIndex, PlainPassage } from "./answers-bm25.ts";

const pages = "docs-corpus/opensearch-docs.tar.gz";
const squad = "retrieval/squad2-dev-part/corpus.jsonl.gz";
const turns = "conversations/mtrag-human-subset/tasks.jsonl.gz";
const benefits = "qa/contoso-hr/corpus.jsonl.gz";

function percent(count: number, all: number): string {
  return `${((100 * count) / all).toFixed(1)} % (${Math.round(count * 10) / 10}/${all})`;
}

test("documentation questions cite an expected page, through the real reader and engine", async (t) => {
  if (!hasData(pages)) return t.skip(`${pages} is not at hand`);
  await using engine = await evalEngine(await readPages());
  const tally = { asked: 0, cited: 0, met: 0, silent: 0, sources: 0, right: 0, absent: 0, kept: 0 };
  for (const { text, answerable, expectedPages, mustContain } of loadPageQuestions(
    "opensearch-docs",
  )) {
    const { answer } = extractAnswer({ text }, await engine.retrieve(text, passagesAsked));
    if (!answerable) {
      tally.absent += 1;
      if (answer === undefined) tally.kept += 1;
      continue;
    }
    const cited = (answer?.sourceAttributions ?? []).map(({ documentId }) => documentId);
    const right = cited.filter((page) => expectedPages.includes(page)).length;
    tally.asked += 1;
    tally.sources += cited.length;
    tally.right += right;
    if (right > 0) tally.cited += 1;
    if (answer === undefined) tally.silent += 1;
    const reply = answer?.text ?? "";
    if (mustContain.every((group) => group.some((wanted) => meets(reply, wanted)))) tally.met += 1;
  }
  t.diagnostic(`expected page cited: ${percent(tally.cited, tally.asked)}`);
  t.diagnostic(`cited pages that are expected: ${percent(tally.right, tally.sources)}`);
  t.diagnostic(`must_contain met: ${percent(tally.met, tally.asked)}`);
  t.diagnostic(`wrong abstention: ${percent(tally.silent, tally.asked)}`);
  t.diagnostic(`abstention where there is no answer: ${percent(tally.kept, tally.absent)}`);
  assert.equal(tally.asked + tally.absent, 40);
  assert.ok(tally.cited >= 26, `only ${tally.cited} of ${tally.asked} cite an expected page`);
});

test("SQuAD: the gold answer is in the reply, and absent topics are refused", (t) => {
  if (!hasData(squad)) return t.skip(`${squad} is not at hand`);
  const { passages, questions } = loadSquad();
  const [, unseen] = halvesOf(passages.map(({ source }) => source.title));
  const whole = plainIndex(passages);
  const tally = { asked: 0, answered: 0, contained: 0, cited: 0, length: 0, refused: 0 };
  for (const article of unseen) {
    const without = plainIndex(passages.filter(({ source }) => source.title !== article));
    const own = questions.filter((q) => q.article === article && q.answerable);
    // One in three: the numbers move by less than a point, the run by two thirds.
    for (const { text, answers, contextId } of own.filter((_, i) => i % 3 === 0)) {
      tally.asked += 1;
      if (reply(without, text) === undefined) tally.refused += 1;
      const answer = reply(whole, text);
      if (answer === undefined) continue;
      tally.answered += 1;
      tally.length += answer.text.length;
      if (containsAnswer(answer.text, answers)) tally.contained += 1;
      if (answer.sourceAttributions.some((s) => s.documentId === contextId)) tally.cited += 1;
    }
  }
  const { asked, answered } = tally;
  t.diagnostic(`gold answer in the reply, of all: ${percent(tally.contained, asked)}`);
  t.diagnostic(`gold answer in the reply, of the answered: ${percent(tally.contained, answered)}`);
  t.diagnostic(`gold paragraph cited: ${percent(tally.cited, asked)}`);
  t.diagnostic(`wrong abstention: ${percent(asked - answered, asked)}`);
  t.diagnostic(`topic absent, refused: ${percent(tally.refused, asked)}`);
  t.diagnostic(`mean length of a reply: ${(tally.length / answered).toFixed(0)} characters`);
  assert.ok(asked > 400, `only ${asked} questions seen`);
  assert.ok(tally.contained / asked >= 0.8, "gold answers contained");
  assert.ok(1 - answered / asked <= 0.1, "wrong abstention");
  assert.ok(tally.refused / asked >= 0.86, "absent topics refused");
});

test("SQuAD: questions with one detail changed are mostly answered, as is known", (t) => {
  if (!hasData(squad)) return t.skip(`${squad} is not at hand`);
  const { passages, questions } = loadSquad();
  const whole = plainIndex(passages);
  const near = questions.filter((q) => !q.answerable).filter((_, i) => i % 8 === 0);
  const refused = near.filter(({ text }) => reply(whole, text) === undefined).length;
  t.diagnostic(`unanswerable near misses refused: ${percent(refused, near.length)}`);
  assert.ok(near.length > 300);
});

test("questions on a handbook cite the page that answers, or the one beside it", (t) => {
  if (!hasData(benefits)) return t.skip(`${benefits} is not at hand`);
  const index = plainIndex(loadCorpus(benefits));
  const tally = { asked: 0, cited: 0, silent: 0, absent: 0, kept: 0 };
  for (const row of lines("qa/contoso-hr/questions.jsonl")) {
    const answer = reply(index, String(row["question"]));
    if (row["answerable"] !== true) {
      tally.absent += 1;
      if (answer === undefined) tally.kept += 1;
      continue;
    }
    tally.asked += 1;
    if (answer === undefined) tally.silent += 1;
    const cited = new Set(answer?.sourceAttributions.map(({ documentId }) => documentId));
    const sources: readonly unknown[] = Array.isArray(row["sources"]) ? row["sources"] : [];
    const expected = sources.flatMap(pagesAround);
    if (expected.some((page) => cited.has(page))) tally.cited += 1;
  }
  t.diagnostic(`page cited, one page off allowed: ${percent(tally.cited, tally.asked)}`);
  t.diagnostic(`wrong abstention: ${percent(tally.silent, tally.asked)}`);
  t.diagnostic(`abstention where there is no answer: ${percent(tally.kept, tally.absent)}`);
  assert.ok(tally.asked > 150 && tally.absent > 30);
});

test("borrowing words of earlier questions finds more in conversations, where it happens", (t) => {
  if (!hasData(turns)) return t.skip(`${turns} is not at hand`);
  const index = plainIndex(loadCorpus("conversations/mtrag-human-subset/corpus.jsonl.gz"));
  const tally = { asked: 0, borrowed: 0, alone: 0, together: 0, borrowedAlone: 0, helped: 0 };
  for (const row of lines(turns)) {
    const gold = new Set(listOf(row["gold_passages"]).map(String));
    const history = listOf(row["history"]).flatMap((turn) =>
      isUserTurn(turn) ? [{ question: turn.text, answer: "" }] : [],
    );
    if (gold.size === 0 || history.length === 0) continue;
    const text = String(row["question"]);
    const borrowed = borrowedWords(text, history);
    const recall = (query: string): number => {
      const found = index
        .retrieve(query, 10)
        .passages.filter(({ source }) => gold.has(source.documentId));
      return found.length / gold.size;
    };
    tally.asked += 1;
    tally.alone += recall(text);
    tally.together += recall(`${text} ${borrowed}`);
    if (borrowed === "") continue;
    tally.borrowed += 1;
    tally.borrowedAlone += recall(text);
    tally.helped += recall(`${text} ${borrowed}`);
  }
  t.diagnostic(`recall@10, last question alone: ${percent(tally.alone, tally.asked)}`);
  t.diagnostic(`recall@10, with borrowed words: ${percent(tally.together, tally.asked)}`);
  t.diagnostic(
    `the ${tally.borrowed} that borrow, alone: ${percent(tally.borrowedAlone, tally.borrowed)}`,
  );
  t.diagnostic(
    `the ${tally.borrowed} that borrow, with it: ${percent(tally.helped, tally.borrowed)}`,
  );
  assert.ok(tally.asked > 100 && tally.borrowed > 0);
  assert.ok(tally.together >= tally.alone);
});

function isUserTurn(turn: unknown): turn is { readonly text: string } {
  if (typeof turn !== "object" || turn === null || !("text" in turn)) return false;
  return "role" in turn && turn.role === "user" && typeof turn.text === "string";
}

function reply(index: PlainIndex, text: string) {
  return extractAnswer({ text }, index.retrieve(text, passagesAsked)).answer;
}

function pagesAround(source: unknown): readonly string[] {
  assert.ok(typeof source === "object" && source !== null && "file" in source && "page" in source);
  const page = Number(source.page);
  return [page - 1, page, page + 1].map((near) => `${String(source.file)}#p${near}`);
}

/** The pages as the pipeline would read them: in child processes, cut into chunks. */
async function readPages(): Promise<readonly PlainPassage[]> {
  await using extractor = createExtractor({ processes: availableParallelism() });
  const read = [...filesOf(pages, ".md")].map(async ([path, bytes]) => {
    const result = await extractor.extract({ fileName: path, bytes });
    assert.equal(result.outcome, "extracted", path);
    const source = { title: result.title ?? path, documentId: path, indexId: "index" };
    return result.chunks.map((chunk) => ({ ...chunk, documentKey: path, source }));
  });
  const passages = (await Promise.all(read)).flat();
  assert.ok(passages.length > 5_000, `only ${passages.length} chunks`);
  return passages;
}
