import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fingerprint, PlanItem } from "../../connectors/connectors.ts";
import { cutBatches, type SyncBatch } from "./batches.ts";

const fingerprint: Fingerprint = {
  objectEtag: "e",
  sizeBytes: 1,
  metadataEtag: null,
  metadataHash: null,
  metadataAccessHash: null,
  accessHash: "public",
  settingsHash: "s",
};
const unmodified = (key: string, print = fingerprint): PlanItem => {
  return { action: "unmodified", key, documentId: key, fingerprint: print };
};
const failed = (key: string): PlanItem => ({
  action: "fail",
  key,
  reportedId: key,
  code: "S3-5104",
  message: "no",
  outcome: "failed",
  fingerprint,
});
const end: PlanItem = { action: "end", scanned: 0, toDelete: 0, isDeletionHeld: false };
const crawled: PlanItem = { action: "crawled" };

async function cut(items: readonly PlanItem[]): Promise<{
  readonly batches: readonly SyncBatch[];
  readonly visits: readonly string[];
}> {
  const visits: string[] = [];
  async function* plan(): AsyncGenerator<PlanItem> {
    yield* items;
  }
  const ledger = {
    arriveAt: (key: string, { isDocument }: { readonly isDocument: boolean }) => {
      visits.push(isDocument ? key : `-${key}`);
      return fingerprint;
    },
    arriveAtEnd: () => void visits.push("end"),
  };
  const batches: SyncBatch[] = [];
  for await (const batch of cutBatches(plan(), ledger)) {
    visits.push("|");
    batches.push(batch);
  }
  return { batches, visits };
}

test("what the crawl decided is given out before the plan goes on to deletions", async () => {
  const gone: PlanItem = { action: "delete", key: "b", documentId: "b" };
  const { batches, visits } = await cut([unmodified("a"), crawled, gone, end]);
  assert.deepEqual(visits, ["a", "end", "|", "|"]);
  assert.deepEqual(
    batches.map(({ isBarrier, deletes, end: last }) => [isBarrier, deletes.length, last?.action]),
    [
      [true, 0, undefined],
      [true, 1, "end"],
    ],
  );
});

test("batches are cut at 64 documents, and only what ends a phase has to be waited for", async () => {
  const items = Array.from({ length: 150 }, (_, n) => failed(String(n)));
  const { batches } = await cut([...items, crawled, end]);
  assert.deepEqual(
    batches.map(({ fails, isBarrier }) => [fails.length, isBarrier]),
    [
      [64, false],
      [64, false],
      [22, true],
      [0, true],
    ],
  );
  assert.deepEqual(
    batches.map(({ scanned }) => scanned),
    [64, 128, 150, 150],
  );
});

test("a fingerprint is remembered anew only where it says something else", async () => {
  const touched = { ...fingerprint, metadataEtag: "m" };
  const items = [unmodified("a"), unmodified("b", { ...fingerprint }), unmodified("c", touched)];
  const { batches } = await cut([...items, crawled, end]);
  assert.deepEqual(
    batches[0]?.refreshed.map(({ key }) => key),
    ["c"],
  );
});

test("objects left out are no documents, but those that failed before are scanned", async () => {
  const skips: readonly PlanItem[] = [
    { action: "skip", key: "a", reason: "excluded" },
    { action: "skip", key: "b", reason: "failedBefore" },
  ];
  const { batches, visits } = await cut([...skips, crawled, end]);
  assert.equal(batches[0]?.scanned, 1);
  assert.deepEqual(visits.slice(0, 2), ["-a", "b"]);
});

test("a listing that failed ends the plan where it is, and nothing is taken for gone", async () => {
  const failure = { kind: "unreachable", bucket: "b", message: "gone" } as const;
  const { batches, visits } = await cut([unmodified("a"), { action: "listingFailed", failure }]);
  assert.deepEqual(visits, ["a", "|"]);
  assert.equal(batches[0]?.end?.action, "listingFailed");
});

test("a plan without an end is a bug", async () => {
  await assert.rejects(cut([unmodified("a")]), /stopped without an end/);
});
