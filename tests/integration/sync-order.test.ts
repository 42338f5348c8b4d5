import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { bucketServerEnv, startBucketServer } from "../support/bucket-server.ts";
import { startChild } from "../support/child-server.ts";
import { counts, listDocuments, makeSite, makeSource, sync } from "../support/site.ts";

/** More than are sorted in memory; all but a few are left out, so that nothing is read of them. */
const objectCount = 20_500;

test("a store that lists in order, and one day does not, costs a listing more and no document", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-order-"));
  await using store = await startBucketServer();
  store.pageKeysMax = 7_000;
  for (let n = 0; n < objectCount; n += 1) store.put(`d/${String(n).padStart(5, "0")}.jpg`, "x");
  const documents = ["d/00000.txt", "d/10000.txt", "d/12000.txt", "d/20400.txt"];
  for (const key of documents) store.put(key, `The heron of ${key}.`);
  const options = { s3Endpoint: store.endpoint, env: bucketServerEnv };
  const server = await startChild(dataDir, {}, options);
  try {
    const settings = { exclusionPatterns: ["*.jpg"] };
    const source = await makeSource(await makeSite(server), store.bucket, settings);
    assert.equal(counts(await sync(source)), "4 4 0 0 0", "sorted");
    assert.equal(counts(await sync(source)), "4 0 0 0 0", "as it comes");
    store.isDisordered = true;
    store.put("d/15000.txt", "The swan.");
    store.objects.delete("d/20400.txt");
    const job = await sync(source);
    assert.deepEqual(
      [job.status, job.metrics?.documentsAdded, job.metrics?.documentsDeleted],
      ["SUCCEEDED", "1", "1"],
    );
    const expected = [...documents.slice(0, 3), "d/15000.txt"].sort();
    const ids = [...(await listDocuments(source)).keys()].sort();
    assert.deepEqual(
      ids,
      expected.map((key) => `s3://${store.bucket}/${key}`),
    );
    assert.equal(counts(await sync(source)), "4 0 0 0 0", "sorted for good");
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
