import assert from "node:assert/strict";
import { test } from "node:test";
import { createIndexMetrics, indexGauges } from "./index-metrics.ts";
import type { Outcome, PendingDocument } from "./pipeline.ts";

const document = {} as PendingDocument;
const read: Outcome = { document, chunks: [], textBytes: 0 };
const failed: Outcome = {
  document,
  errorCode: "InvalidRequest",
  errorMessage: "",
  status: "FAILED",
};

test("documents are counted by what became of them, overtaken ones not at all", () => {
  const metrics = createIndexMetrics();
  const of = (outcome: Outcome, isCurrent = true) => ({ outcome, isCurrent });
  metrics.note([of(read), of(read), of(failed), of({ ...failed, isByEnrichment: true })]);
  metrics.note([of(read, false), of(failed, false), of(read)]);
  assert.deepEqual(metrics.counts(), { indexed: 3, failed: 2, failedByEnrichment: 1 });
  assert.deepEqual(
    indexGauges(metrics).map(({ name, value }) => [name, value]),
    [
      ["quarry_documents_indexed", 3],
      ["quarry_documents_failed_to_index", 2],
      ["quarry_documents_failed_to_index_due_to_cde", 1],
    ],
  );
});
