import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CreateApplicationCommand } from "@aws-sdk/client-qbusiness";
import { qbusinessHttp1, refusal } from "../support/clients.ts";
import { failures, put, textOf } from "../support/documents.ts";
import { folderBucket } from "../support/folder-bucket.ts";
import { makeSite, makeSource, search, settled, sync } from "../support/site.ts";
import { testServer } from "../support/test-server.ts";

test("a quota that the operator sets counts instead of the published one", async () => {
  await using server = await testServer({ quotas: { applicationsPerAccount: 1 } });
  const client = qbusinessHttp1(server);
  const create = () =>
    client.send(new CreateApplicationCommand({ displayName: "a", identityType: "ANONYMOUS" }));
  await create();
  const { name, status } = await refusal(create());
  assert.deepEqual([name, status], ["ServiceQuotaExceededException", 402]);
});

test("documents that are put never make an index larger than its capacity", async () => {
  await using server = await testServer({
    quotas: { documentsPerUnit: 5, textBytesPerUnit: 1000 },
  });
  const site = await makeSite(server);
  const ten = Array.from({ length: 10 }, (_, n) => ({ id: `d${n}`, content: textOf("A heron.") }));
  assert.deepEqual(await failures(put(site, ten)), [], "they are accepted, and there is room");
  const listed = [...(await settled(site)).values()];
  const statuses = listed.map(({ status }) => status).sort();
  const failed = Array.from({ length: 5 }, () => "DOCUMENT_FAILED_TO_INDEX");
  assert.deepEqual(statuses, [...failed, ...Array.from({ length: 5 }, () => "INDEXED")]);
  const messages = listed.flatMap(({ error }) => error?.errorMessage ?? []);
  assert.match(messages[0] ?? "", /^The index holds 5 documents .* Add units with UpdateIndex/);
  assert.equal((await search(site, "heron")).length, 5);
  const full = await refusal(put(site, [{ id: "more", content: textOf("A heron.") }]));
  assert.deepEqual([full.name, full.status], ["ServiceQuotaExceededException", 402]);

  const other = await makeSite(server);
  const long = textOf("The heron waits. ".repeat(100));
  assert.deepEqual(await failures(put(other, [{ id: "long", content: long }])), []);
  const [tooLong] = [...(await settled(other)).values()];
  assert.equal(tooLong?.status, "DOCUMENT_FAILED_TO_INDEX");
  assert.deepEqual(await search(other, "heron"), []);
});

test("syncs of one index at the same time do not make it larger than its capacity together", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-capacity-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const names = ["one", "two", "three"];
  for (const name of names) {
    const bucket = folderBucket(name, join(folder, name));
    for (let n = 0; n < 40; n += 1) await bucket.put(`${n}.txt`, `A heron, number ${n}.`);
  }
  const buckets = Object.fromEntries(names.map((name) => [name, join(folder, name)]));
  await using server = await testServer({ buckets, quotas: { documentsPerUnit: 50 } });
  const site = await makeSite(server);
  const sources = [];
  for (const name of names) sources.push(await makeSource(site, name));
  const jobs = await Promise.all(sources.map(sync));
  const total = (count: "documentsAdded" | "documentsFailed"): number =>
    jobs.reduce((sum, { metrics }) => sum + Number(metrics?.[count]), 0);
  assert.deepEqual([total("documentsAdded"), total("documentsFailed")], [50, 70]);
  const listed = [...(await settled(site)).values()];
  const having = (wanted: string): number =>
    listed.filter(({ status }) => status === wanted).length;
  assert.deepEqual([having("INDEXED"), having("DOCUMENT_FAILED_TO_INDEX")], [50, 70]);
});
