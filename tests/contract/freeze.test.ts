import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { exceptions, operations, shapes } from "../../src/contract/contract.ts";
import { freezeContract, missingSource } from "../../tools/freeze-contract.ts";

test("freezing the contract again gives the committed bytes", async (t) => {
  const missing = missingSource();
  if (missing !== undefined) return t.skip(missing);
  const files = Object.entries(await freezeContract());
  assert.equal(files.length, 3);
  for (const [path, text] of files) {
    assert.equal(text, readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"), path);
  }
});

test("the contract has the whole service", () => {
  const kinds = Map.groupBy(Object.values(shapes), ({ kind }) => kind);
  assert.equal(Object.keys(operations).length, 83);
  assert.equal(kinds.get("error")?.length, 10);
  assert.ok((kinds.get("enum")?.length ?? 0) >= 59);
  assert.equal(kinds.get("union")?.length, 18);
});

test("exceptions have the statuses of the API reference, odd ones too", () => {
  const statuses = Object.entries(exceptions).map(([name, { status }]) => [name, status]);
  assert.deepEqual(Object.fromEntries(statuses), {
    AccessDeniedException: 403,
    ConflictException: 409,
    ExternalResourceException: 424,
    InternalServerException: 500,
    LicenseNotFoundException: 400,
    MediaTooLargeException: 400,
    ResourceNotFoundException: 404,
    ServiceQuotaExceededException: 402,
    ThrottlingException: 429,
    ValidationException: 400,
  });
});
