import assert from "node:assert/strict";
import { test } from "node:test";
import { listAll, wordsTold, wrongAtRest } from "./leak-listing.ts";

const [one, other, gone] = ["zq1x0x0qz", "zq1x1x0qz", "zq1x2x0qz"];
const secret = "zq1x0x5qz";
const listed = (documentId: string, status: "INDEXED" | "DELETING" = "INDEXED") => ({
  documentId,
  status,
  error: {},
});

test("a listing that tells more than names is seen", () => {
  const names = new Set([one, other]);
  assert.deepEqual(wordsTold([listed(`s3://bucket/${one}.txt`), listed(other)], names), []);
  const told = { ...listed(one), error: { errorMessage: `The title is ${secret}.` } };
  assert.deepEqual(wordsTold([told], names), [secret]);
  assert.deepEqual(wordsTold([listed("zq2x0x0qz")], names), ["zq2x0x0qz"]);
});

test("a listing that misses a document, or keeps one that is gone, is seen", () => {
  const expected = { there: [one, other], gone: [gone] };
  assert.deepEqual(wrongAtRest([listed(one), listed(other)], expected), []);
  assert.deepEqual(
    wrongAtRest([listed(one), listed(other), listed(gone, "DELETING")], expected),
    [],
  );
  assert.deepEqual(wrongAtRest([listed(one), listed(gone)], expected), [other, gone]);
});

test("all pages of a listing are read", async () => {
  const pages = new Map([
    [undefined, { documentDetailList: [listed(one)], nextToken: "more" }],
    ["more", { documentDetailList: [listed(other)] }],
  ]);
  const call = async (_: string, input: { readonly nextToken?: string }) =>
    pages.get(input.nextToken);
  const all = await listAll({ call: call as never }, { applicationId: "a", indexId: "i" });
  assert.deepEqual(
    all.map(({ documentId }) => documentId),
    [one, other],
  );
});
