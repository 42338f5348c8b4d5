import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import {
  ListDataSourceSyncJobsCommand,
  StartDataSourceSyncJobCommand,
  StopDataSourceSyncJobCommand,
  UpdateDataSourceCommand,
} from "@aws-sdk/client-qbusiness";
import { refusal } from "../support/clients.ts";
import {
  ask,
  counts,
  endOf,
  listDocuments,
  pathOf,
  s3Configuration,
  search,
  startSync,
  sync,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

const three = {
  "handbook/leave.txt": "Employees have thirty days of paid annual leave in Tromsø.",
  "handbook/travel.md": "# Travel\n\nThe limit for meals while travelling is 42 euros a day.",
  "products/mossgate.html":
    "<html><body><h1>Mossgate</h1><p>Hold the amber button for nine seconds.</p></body></html>",
};

describe("a sync of an S3 data source", () => {
  let world: World;
  before(async () => {
    world = await openWorld(60);
  });
  after(() => world.close());

  test("adds everything at first, then only what has changed", async () => {
    const source = await world.source(three);
    const { files } = source;
    const first = await sync(source);
    assert.equal(first.status, "SUCCEEDED");
    assert.equal(counts(first), "3 3 0 0 0");
    assert.ok(first.startTime && first.endTime && first.startTime <= first.endTime);
    const answer = await ask(source, "How many days of paid annual leave do employees have?");
    assert.match(answer.systemMessage ?? "", /thirty days/);
    assert.equal(
      answer.sourceAttributions?.[0]?.documentId,
      `s3://${source.bucket}/handbook/leave.txt`,
    );

    assert.equal(counts(await sync(source)), "3 0 0 0 0");
    await files.touch("handbook/leave.txt");
    assert.equal(counts(await sync(source)), "3 0 0 0 0", "touched is not changed");

    await files.put("handbook/leave.txt", "Employees have thirty-one days of paid annual leave.");
    await files.put("products/new.txt", "The Gullstone weather station costs 129 euros.");
    await files.remove("handbook/travel.md");
    const second = await sync(source);
    assert.equal(counts(second), "3 1 1 1 0");
    const documents = await listDocuments(source);
    const statusOf = (key: string) => documents.get(`s3://${source.bucket}/${key}`)?.status;
    assert.equal(statusOf("handbook/leave.txt"), "UPDATED");
    assert.equal(statusOf("products/new.txt"), "INDEXED");
    assert.equal(statusOf("handbook/travel.md"), undefined);
    const changed = await ask(source, "How many days of paid annual leave do employees have?");
    assert.match(changed.systemMessage ?? "", /thirty-one/);
    assert.deepEqual(await search(source, "limit for meals while travelling euros"), [
      `s3://${source.bucket}/products/new.txt`,
    ]);

    await files.move("products/new.txt", "products/gullstone.txt");
    assert.equal(counts(await sync(source)), "3 1 0 1 0", "renaming is delete and add");
    const settled = await listDocuments(source);
    assert.equal(settled.size, 3);
    assert.ok([...settled.values()].every(({ error }) => Object.keys(error ?? {}).length === 0));
  });

  test("takes a new bucket, and an empty one, as they are", async () => {
    const source = await world.source();
    const job = await sync(source);
    assert.equal(job.status, "SUCCEEDED");
    assert.equal(counts(job), "0 0 0 0 0");
  });

  test("with FORCED_FULL_CRAWL takes everything again, and counts it as modified", async () => {
    const source = await world.source(three, { syncMode: "FORCED_FULL_CRAWL" });
    assert.equal(counts(await sync(source)), "3 3 0 0 0");
    await source.files.remove("handbook/travel.md");
    assert.equal(counts(await sync(source)), "2 0 2 1 0");
  });

  test("follows metadata that is added, changed, broken, mended and removed", async () => {
    const source = await world.source(three);
    const { files } = source;
    await sync(source);
    const sidecar = "handbook/leave.txt.metadata.json";
    await files.putJson(sidecar, { Title: "Leave policy", Attributes: { _category: "people" } });
    assert.equal(counts(await sync(source)), "3 0 1 0 0");
    const titled = await ask(source, "How many days of annual leave do employees have?");
    assert.equal(titled.sourceAttributions?.[0]?.title, "Leave policy");

    await files.put(sidecar, "﻿{}");
    const broken = await sync(source);
    assert.equal(broken.status, "INCOMPLETE");
    assert.equal(counts(broken), "3 0 0 0 1");
    const document = (await listDocuments(source)).get(`s3://${source.bucket}/handbook/leave.txt`);
    assert.match(document?.error?.errorMessage ?? "", /S3-5104/);
    const kept = await ask(source, "How many days of annual leave do employees have?");
    assert.equal(kept.sourceAttributions?.[0]?.title, "Leave policy", "the old version stays");
    assert.equal(counts(await sync(source)), "3 0 0 0 0", "a failure is not tried again unchanged");

    await files.putJson(sidecar, { DocumentId: "leave-2026" });
    assert.equal(counts(await sync(source)), "3 1 0 1 0", "a new id is add and delete");
    assert.ok((await listDocuments(source)).has("leave-2026"));
    await files.move("handbook/leave.txt", "people/leave.txt");
    await files.move(sidecar, "people/leave.txt.metadata.json");
    assert.equal(counts(await sync(source)), "3 0 1 0 0", "a pinned id survives a move");
    await files.remove("people/leave.txt.metadata.json");
    assert.equal(counts(await sync(source)), "3 1 0 1 0");
  });

  test("S7: invalid metadata fails that document only, and never means public", async () => {
    const source = await world.source(three);
    await source.files.putJson("handbook/leave.txt.metadata.json", { AccessControlList: [] });
    const job = await sync(source);
    assert.equal(job.status, "INCOMPLETE");
    assert.equal(counts(job), "3 2 0 0 1");
    assert.deepEqual(await search(source, "paid annual leave in Tromsø"), []);
  });

  test("keeps to prefixes and patterns, and deletes what falls out of them", async () => {
    const source = await world.source(
      { ...three, "private/x.txt": "secret garden", "handbook/draft.txt": "A draft about otters." },
      { inclusionPrefixes: ["handbook/", "products/"], exclusionPatterns: ["draft.*"] },
    );
    assert.equal(counts(await sync(source)), "3 3 0 0 0");
    await source.client.send(
      new UpdateDataSourceCommand({
        ...pathOf(source),
        configuration: s3Configuration(source.bucket, {
          inclusionPrefixes: ["handbook/"],
          exclusionPatterns: ["*.md"],
        }) as never,
      }),
    );
    const narrowed = await sync(source);
    assert.equal(counts(narrowed), "2 1 0 2 0");
    assert.deepEqual(
      [...(await listDocuments(source)).keys()].toSorted(),
      ["draft.txt", "leave.txt"].map((name) => `s3://${source.bucket}/handbook/${name}`),
    );
  });

  test("S15: the safeguard holds back too many deletions while additions go on", async () => {
    const source = await world.source(three, {
      enableDeletionProtection: true,
      deletionProtectionThreshold: "50",
    });
    await sync(source);
    const { files } = source;
    await files.remove("handbook/leave.txt", "handbook/travel.md", "products/mossgate.html");
    await files.put("products/new.txt", "The Gullstone weather station costs 129 euros.");
    const held = await sync(source);
    assert.equal(held.status, "SUCCEEDED");
    assert.equal(counts(held), "1 1 0 0 0");
    assert.equal((await listDocuments(source)).size, 4);
    for (const n of [1, 2, 3]) await files.put(`products/more-${n}.txt`, `More product ${n}.`);
    assert.equal(counts(await sync(source)), "4 3 0 3 0", "3 of 7 is under one half");
  });

  test("S19: a second start is a conflict while a job runs", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 150 }, (_, n) => [`n/${n}.txt`, `Document number ${n}.`]),
    );
    const source = await world.source(files);
    const executionId = await startSync(source);
    const second = await refusal(startSync(source));
    assert.equal(second.name, "ConflictException");
    assert.equal(second.status, 409);
    assert.match(second.message, new RegExp(executionId));
    await source.client.send(new StopDataSourceSyncJobCommand(pathOf(source)));
    const stopped = await endOf(source, executionId);
    assert.ok(stopped.status === "ABORTED" || stopped.status === "SUCCEEDED", stopped.status);
    const next = await sync(source);
    assert.equal(next.status, "SUCCEEDED");
    const added =
      Number(stopped.metrics?.documentsAdded ?? 0) + Number(next.metrics?.documentsAdded ?? 0);
    assert.equal(added, 150, "what the stopped job handed over stays");
    assert.equal((await listDocuments(source)).size, 150);
  });

  test("a stop without a running job is a conflict", async () => {
    const source = await world.source(three);
    const stop = () => source.client.send(new StopDataSourceSyncJobCommand(pathOf(source)));
    assert.equal((await refusal(stop())).name, "ConflictException");
    await sync(source);
    assert.equal((await refusal(stop())).name, "ConflictException");
  });

  test("S2: the history is newest first, filtered and paged, with counters as text", async () => {
    const source = await world.source(three);
    const ids: (string | undefined)[] = [];
    for (let round = 0; round < 5; round += 1) ids.unshift((await sync(source)).executionId);
    const list = async (more: object) =>
      source.client.send(new ListDataSourceSyncJobsCommand({ ...pathOf(source), ...more }));
    const all = await list({});
    assert.deepEqual(
      all.history?.map(({ executionId }) => executionId),
      ids,
    );
    assert.deepEqual(all.history?.at(-1)?.metrics, {
      documentsScanned: "3",
      documentsAdded: "3",
      documentsModified: "0",
      documentsDeleted: "0",
      documentsFailed: "0",
    });
    const first = await list({ maxResults: 2 });
    const second = await list({ maxResults: 2, nextToken: first.nextToken });
    const third = await list({ maxResults: 2, nextToken: second.nextToken });
    assert.equal(third.nextToken, undefined);
    assert.deepEqual(
      [first, second, third].flatMap(({ history }) => history?.map((job) => job.executionId)),
      ids,
    );
    assert.equal((await list({ statusFilter: "FAILED" })).history?.length, 0);
    assert.equal((await list({ statusFilter: "SUCCEEDED" })).history?.length, 5);
    const since = all.history?.[1]?.startTime;
    assert.equal((await list({ startTime: since })).history?.length, 2);
    assert.equal((await list({ endTime: new Date(0) })).history?.length, 0);
  });

  test("a bucket that vanishes fails the job, and nothing is deleted", async () => {
    const source = await world.source(three);
    await sync(source);
    await rename(source.files.folder, `${source.files.folder}-gone`);
    const failed = await sync(source);
    assert.equal(failed.status, "FAILED");
    assert.equal(failed.dataSourceErrorCode, "S3-5101");
    assert.equal(failed.error?.errorCode, "InvalidRequest");
    assert.equal((await listDocuments(source)).size, 3);
    assert.equal((await search(source, "paid annual leave")).length, 1);
    await rename(`${source.files.folder}-gone`, source.files.folder);
    assert.equal(counts(await sync(source)), "3 0 0 0 0");
  });

  test("a bucket that nobody registered fails the job by name", async () => {
    const source = await world.source(three);
    await source.client.send(
      new UpdateDataSourceCommand({
        ...pathOf(source),
        configuration: s3Configuration("no-such-bucket") as never,
      }),
    );
    const failed = await sync(source);
    assert.equal(failed.status, "FAILED");
    assert.equal(failed.dataSourceErrorCode, "S3-5101");
    assert.match(failed.error?.errorMessage ?? "", /no-such-bucket/);
  });

  test("S1: keys with percent signs, plus signs and spaces stay what they are", async () => {
    const keys = ["a%2Fb.txt", "c+d e.txt", "ü/ö.txt", "q?x=1&y#z.txt"];
    const source = await world.source(
      Object.fromEntries(keys.map((key, n) => [key, `Odd name number ${n} of walrus.`])),
    );
    assert.equal(counts(await sync(source)), "4 4 0 0 0");
    const expected = keys.map((key) => `s3://${source.bucket}/${key}`).toSorted();
    assert.deepEqual([...(await listDocuments(source)).keys()].toSorted(), expected);
    assert.deepEqual((await search(source, "odd name of walrus")).toSorted(), expected);
  });

  test("S16: metadata and ACL files are never documents", async () => {
    const source = await world.source(
      { "a.txt": "An ordinary text about herons.", "b.metadata.json": '{"Title":"orphan"}' },
      { aclConfigurationFilePath: "control/acl.json" },
    );
    await source.files.put("control/acl.json", "[]");
    await source.files.putJson("a.txt.metadata.json", { Title: "Herons" });
    assert.equal(counts(await sync(source)), "1 1 0 0 0");
    assert.equal((await listDocuments(source)).size, 1);
  });

  test("two objects that want one id: the first in byte order has it, the other fails", async () => {
    const source = await world.source({ "a.txt": "First heron.", "b.txt": "Second heron." });
    await source.files.putJson("a.txt.metadata.json", { DocumentId: "same" });
    await source.files.putJson("b.txt.metadata.json", { DocumentId: "same" });
    const job = await sync(source);
    assert.equal(job.status, "INCOMPLETE");
    assert.equal(counts(job), "2 1 0 0 1");
    assert.deepEqual(await search(source, "heron"), ["same"]);
    assert.match((await ask(source, "heron")).systemMessage ?? "", /First/);
  });

  test("hostile files fail one by one, and the server goes on", async (t) => {
    const folder = new URL("../../../shared/data/documents/hostile/", import.meta.url);
    if (!existsSync(folder)) return t.skip("../shared/data/documents/hostile is not here");
    const source = await world.source({ "good.txt": "A good text about puffins." });
    const names = readdirSync(folder);
    assert.ok(names.length >= 20);
    for (const name of names) {
      await source.files.put(`hostile/${name}`, readFileSync(new URL(name, folder)));
    }
    const job = await sync(source);
    assert.equal(job.status, "INCOMPLETE");
    const { documentsAdded, documentsFailed, documentsScanned } = job.metrics ?? {};
    // One file is of a format that is none of ours: it is skipped, and listed nowhere.
    const skipped = Number(documentsScanned) - Number(documentsAdded) - Number(documentsFailed);
    assert.ok(skipped >= 0 && skipped <= 1, `${skipped} skipped`);
    assert.ok(Number(documentsFailed) >= 5);
    const documents = await listDocuments(source);
    assert.equal(documents.size, Number(documentsScanned) - skipped);
    for (const { documentId, status, error } of documents.values()) {
      const isFailed = status === "DOCUMENT_FAILED_TO_INDEX" || status === "FAILED";
      assert.equal(isFailed, error?.errorMessage !== undefined, documentId);
    }
    assert.equal((await search(source, "puffins"))[0], `s3://${source.bucket}/good.txt`);
    assert.equal(counts(await sync(source)), `${documentsScanned} 0 0 0 0`);
  });

  test("a data source that was never started has no history", async () => {
    const source = await world.source(three);
    const { history } = await source.client.send(new ListDataSourceSyncJobsCommand(pathOf(source)));
    assert.deepEqual(history, []);
    const gone = { ...pathOf(source), dataSourceId: source.indexId };
    const missing = await refusal(source.client.send(new StartDataSourceSyncJobCommand(gone)));
    assert.equal(missing.name, "ResourceNotFoundException");
  });
});
