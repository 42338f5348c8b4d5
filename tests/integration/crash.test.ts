import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  BatchPutDocumentCommand,
  CreateIndexCommand,
  DeleteApplicationCommand,
  GetApplicationCommand,
  GetIndexCommand,
  SearchRelevantContentCommand,
} from "@aws-sdk/client-qbusiness";
import { jobs, lockDataDir, openDatabase } from "../../src/store/store.ts";
import { randomSource } from "../contract/random-values.ts";
import { type ChildServer, startChild } from "../support/child-server.ts";
import { iam, qbusinessHttp1 } from "../support/clients.ts";
import { folderBuckets } from "../support/folder-bucket.ts";
import {
  counts,
  endOf,
  makeSite,
  makeSource,
  search,
  settled,
  type Source,
  startSync,
  sync,
} from "../support/site.ts";

const fileCount = 240;
const brokenCount = 8;
const killsMax = 4;

/** Puts documents until the server dies; remembers what was acknowledged, and what was tried. */
async function putUntilDeath(
  { client, applicationId, indexId }: Source,
  acknowledged: Map<string, number>,
  tried: Map<string, number>,
  isOver: () => boolean,
): Promise<void> {
  for (let call = 0; !isOver(); call += 1) {
    const versions = Array.from({ length: 5 }, (_, n) => {
      const id = `put-${(call * 5 + n) % 60}`;
      const version = (tried.get(id) ?? 0) + 1;
      tried.set(id, version);
      return { id, version };
    });
    const documents = versions.map(({ id, version }) => ({
      id,
      content: { blob: Buffer.from(`The ${id} heron has feather number ${version}.`) },
    }));
    try {
      await client.send(new BatchPutDocumentCommand({ applicationId, indexId, documents }));
    } catch {
      return;
    }
    for (const { id, version } of versions) acknowledged.set(id, version);
  }
}

test("kill -9 at any moment loses nothing acknowledged and leaves nothing half done", async (t) => {
  const seed = Number(process.env["QUARRY_TEST_SEED"] ?? randomInt(2 ** 31));
  t.diagnostic(`QUARRY_TEST_SEED=${seed}`);
  const random = randomSource(seed);
  await using made = await folderBuckets(1);
  const [bucket] = made.buckets;
  assert.ok(bucket);
  const buckets = { [bucket.name]: bucket.folder };
  for (let n = 0; n < fileCount; n += 1) {
    await bucket.put(`files/${n}.txt`, `The file heron ${n} lives in pond number ${n}.`);
    if (n < brokenCount) await bucket.put(`files/${n}.txt.metadata.json`, "{");
  }
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-crash-"));
  let server: ChildServer | undefined = await startChild(dataDir, buckets);
  try {
    const source = await makeSource(await makeSite(server), bucket.name);
    const { applicationId } = source;
    const token = { applicationId, displayName: "token", clientToken: randomUUID() };
    const { indexId: tokenIndex } = await source.client.send(new CreateIndexCommand(token));
    const now = (): Source =>
      server === undefined
        ? assert.fail("no server")
        : { ...source, client: qbusinessHttp1(server), iam: iam(server) };
    const executionId = await startSync(now());
    const acknowledged = new Map<string, number>();
    const tried = new Map<string, number>();
    for (let kills = 0; kills < killsMax; kills += 1) {
      let isOver = false;
      const putting = putUntilDeath(now(), acknowledged, tried, () => isOver);
      await sleep(random() * 700);
      await server.kill();
      isOver = true;
      await putting;
      await leaveGarbage(dataDir);
      server = await startChild(dataDir, buckets);
    }
    const job = await endOf(now(), executionId);
    assert.equal(job.status, "INCOMPLETE");
    assert.equal(
      counts(job),
      `${fileCount} ${fileCount - brokenCount} 0 0 ${brokenCount}`,
      "every file counts once",
    );
    const documents = await settled(now());
    for (const [id, version] of acknowledged) {
      const status = documents.get(id)?.status;
      assert.ok(status === "INDEXED" || status === "UPDATED", `${id} ${version}: ${status}`);
      const found = await featherOf(now(), id);
      assert.ok(found >= version, `${id} has ${found}, and ${version} was acknowledged`);
    }
    assert.ok(acknowledged.size > 0);
    assert.equal(counts(await sync(now())), `${fileCount} 0 0 0 0`, "one more changes nothing");
    assert.ok((await search(now(), "file heron 100 pond number 100")).length > 0);

    const again = await now().client.send(new CreateIndexCommand(token));
    assert.equal(again.indexId, tokenIndex, "a client token outlives the process");
    const { indexId } = source;
    const statistics = (await now().client.send(new GetIndexCommand({ applicationId, indexId })))
      .indexStatistics?.textDocumentStatistics;
    assert.equal(await server.stop(), 0);
    server = undefined;
    await assertWhole(dataDir, indexId, { acknowledged, statistics });
  } finally {
    await server?.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
});

/** What a process can leave that dies while it writes content, or reads a large object. */
async function leaveGarbage(dataDir: string): Promise<void> {
  const folder = join(dataDir, "temporary", `object-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "content"), "half an object");
  await writeFile(join(dataDir, "staging", `${randomUUID()}.part`), "half a document");
  await writeFile(join(dataDir, "staging", randomUUID()), "never acknowledged");
}

/** The number in the text of a document that was put. */
async function featherOf(
  { client, applicationId, retrieverId }: Source,
  id: string,
): Promise<number> {
  const { relevantContent = [] } = await client.send(
    new SearchRelevantContentCommand({
      applicationId,
      queryText: `${id} heron feather`,
      contentSource: { retriever: { retrieverId } },
      maxResults: 100,
    }),
  );
  const text = relevantContent.find((passage) => passage.documentId === id)?.content;
  return Number(/feather number (\d+)/.exec(text ?? "")?.[1]);
}

/** Looks into the data directory of a server that has stopped. */
async function assertWhole(
  dataDir: string,
  indexId: string,
  expected: {
    readonly acknowledged: ReadonlyMap<string, number>;
    readonly statistics:
      | {
          readonly indexedTextBytes?: number | undefined;
          readonly indexedTextDocumentCount?: number | undefined;
        }
      | undefined;
  },
): Promise<void> {
  for (const folder of ["staging", "temporary"]) {
    assert.deepEqual(await readdir(join(dataDir, folder)), [], `${folder} holds garbage`);
  }
  await using db = await openDatabase(join(dataDir, "quarry.db"));
  for (const { queue, waiting, dead } of await jobs.counts(db.read)) {
    assert.deepEqual([waiting, dead], [0, 0], queue);
  }
  const rows = await db.read
    .selectFrom("document")
    .select(["key", "document_id", "version", "published_version", "text_bytes"])
    .where("index_id", "=", indexId)
    .execute();
  const published = rows.filter((row) => row.published_version > 0);
  assert.equal(published.length, expected.statistics?.indexedTextDocumentCount);
  assert.equal(
    published.reduce((sum, row) => sum + row.text_bytes, 0),
    expected.statistics?.indexedTextBytes,
  );
  for (const id of expected.acknowledged.keys()) {
    const row = rows.find((one) => one.document_id === id);
    assert.equal(row?.published_version, row?.version, id);
  }
  const found = await db.read
    .withTables<{ search_document: { index_id: string; document_key: number; version: number } }>()
    .selectFrom("search_document")
    .select(["document_key", "version"])
    .where("index_id", "=", indexId)
    .execute();
  const byKey = new Map(found.map((row) => [row.document_key, row.version]));
  assert.equal(byKey.size, published.length);
  for (const row of published) assert.equal(byKey.get(row.key), row.published_version);
}

test("a data directory belongs to one server at a time", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-lock-"));
  try {
    using _held = lockDataDir(dataDir);
    assert.throws(() => lockDataDir(dataDir), /in use by another Quarry/);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

test("deleting goes on where a crash broke it off", async () => {
  await using made = await folderBuckets(1);
  const [bucket] = made.buckets;
  assert.ok(bucket);
  const buckets = { [bucket.name]: bucket.folder };
  for (let n = 0; n < 100; n += 1) await bucket.put(`${n}.txt`, `Heron number ${n}.`);
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-crash-"));
  let server = await startChild(dataDir, buckets);
  try {
    const source = await makeSource(await makeSite(server), bucket.name);
    await sync(source);
    const { applicationId, indexId } = source;
    await source.client.send(new DeleteApplicationCommand({ applicationId }));
    await server.kill();
    server = await startChild(dataDir, buckets);
    const client = qbusinessHttp1(server);
    for (let tries = 0; ; tries += 1) {
      const read = client.send(new GetApplicationCommand({ applicationId }));
      const gone = await read.then(
        () => false,
        (error: unknown) => error instanceof Error && error.name === "ResourceNotFoundException",
      );
      if (gone) break;
      assert.ok(tries < 200, "the application is still there");
      await sleep(50);
    }
    assert.equal(await server.stop(), 0);
    await using db = await openDatabase(join(dataDir, "quarry.db"));
    const left = await db.read
      .selectFrom("document")
      .select("key")
      .where("index_id", "=", indexId)
      .execute();
    assert.equal(left.length, 0);
  } finally {
    await server.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
});
