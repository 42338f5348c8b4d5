import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnswer } from "./answer.ts";
import type { Chunk } from "./block.ts";

const chunk = (ordinal: number, text = "a"): Chunk => ({
  ordinal,
  text,
  headingPath: [],
  beginOffset: 0,
  endOffset: 1,
  tokens: 1,
});
const done = {
  kind: "done",
  rssMb: 5,
  result: { outcome: "extracted", format: "txt", chunks: [], textBytes: 1, warnings: [] },
} as const;

test("portions of chunks are put together in order", async () => {
  const answer = createAnswer();
  const ended = answer.begin();
  answer.add({ kind: "reading", hasFallback: true });
  answer.add({ kind: "chunks", chunks: [chunk(0), chunk(1)] });
  answer.add({ kind: "chunks", chunks: [chunk(2)] });
  answer.add(done);
  const { how, ...rest } = await ended;
  assert.equal(how, "answered");
  assert.deepEqual(rest, {
    rssMb: 5,
    result: { ...done.result, chunks: [0, 1, 2].map((n) => chunk(n)) },
  });
});

test("a failure says whether there is another way, and nothing of one document reaches the next", async () => {
  const answer = createAnswer();
  const first = answer.begin();
  answer.add({ kind: "reading", hasFallback: true });
  answer.add({ kind: "chunks", chunks: [chunk(0)] });
  answer.fail("timeout");
  assert.deepEqual(await first, { how: "killed", code: "timeout", hasFallback: true });
  // Too late to matter.
  answer.add(done);
  answer.fail("memory");
  const second = answer.begin();
  answer.add(done);
  const ended = await second;
  assert.deepEqual(ended.how === "answered" && ended.result, done.result);
});

test("a child that answers more than a document may hold is found out", () => {
  const answer = createAnswer();
  void answer.begin();
  const large = { kind: "chunks", chunks: [chunk(0, "x".repeat(50_000_000))] } as const;
  answer.add(large);
  answer.add(large);
  assert.throws(() => answer.add(large), RangeError);
});
