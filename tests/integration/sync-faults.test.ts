import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { GetIndexCommand, StopDataSourceSyncJobCommand } from "@aws-sdk/client-qbusiness";
import { openDatabase } from "../../src/store/store.ts";
import { randomSource } from "../contract/random-values.ts";
import {
  type BucketServer,
  bucketServerEnv,
  startBucketServer,
  type Trouble,
} from "../support/bucket-server.ts";
import { type ChildServer, startChild } from "../support/child-server.ts";
import { iam, qbusinessHttp1 } from "../support/clients.ts";
import { type RandomBucket, randomBucket, randomBucketSettings } from "../support/random-bucket.ts";
import {
  counts,
  endOf,
  listDocuments,
  makeSite,
  makeSource,
  pathOf,
  settled,
  type Source,
  startSync,
  sync,
} from "../support/site.ts";

const seeds = (process.env["QUARRY_SYNC_SEEDS"] ?? "11,12").split(",").map(Number);
const stepsPerSeed = 6;

/** A server over a scripted bucket, which can die and come back. */
type World = {
  readonly bucket: RandomBucket;
  readonly store: BucketServer;
  readonly random: () => number;
  readonly source: () => Source;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly dataDir: string;
};

async function openWorld(seed: number, t: TestContext): Promise<World> {
  const random = randomSource(seed);
  const store = await startBucketServer();
  const bucket = randomBucket(store, random);
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-faults-"));
  const start = (): Promise<ChildServer> =>
    startChild(dataDir, {}, { s3Endpoint: store.endpoint, env: bucketServerEnv });
  let server = await start();
  t.after(async () => {
    await server.kill();
    await store[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });
  const made = await makeSource(await makeSite(server), store.bucket, randomBucketSettings);
  return {
    bucket,
    store,
    random,
    dataDir,
    source: () => ({ ...made, client: qbusinessHttp1(server), iam: iam(server) }),
    restart: async () => {
      await server.kill();
      server = await start();
    },
    stop: async () => void (await server.stop()),
  };
}

/** Documents that answer questions. */
async function indexedCount({ client, applicationId, indexId }: Source): Promise<number> {
  const { indexStatistics } = await client.send(new GetIndexCommand({ applicationId, indexId }));
  return indexStatistics?.textDocumentStatistics?.indexedTextDocumentCount ?? 0;
}

const passing: readonly Trouble[] = [
  { kind: "error", status: 503, code: "SlowDown" },
  { kind: "error", status: 500, code: "InternalError" },
  { kind: "error", status: 429, code: "TooManyRequests" },
  { kind: "reset" },
  { kind: "cut" },
  { kind: "short" },
  { kind: "slow", ms: 150 },
];
const lasting: readonly Trouble[] = [
  { kind: "error", status: 403, code: "AccessDenied" },
  { kind: "error", status: 400, code: "KMS.DisabledException" },
  { kind: "error", status: 503, code: "SlowDown" },
];
const listingEnds: readonly Trouble[] = [
  { kind: "error", status: 404, code: "NoSuchBucket" },
  { kind: "error", status: 403, code: "AccessDenied" },
];

/** Chooses what goes wrong in one sync; says whether the whole of it must fail. */
function makeTrouble({ store, bucket, random }: World): { readonly isFatal: boolean } {
  const pick = <Item>(items: readonly Item[]): Item | undefined =>
    items[Math.floor(random() * items.length)];
  store.pageKeysMax = pick([3, 7, 1000]) ?? 1000;
  const keys = bucket.inScope();
  const cursed = new Map(
    random() < 0.3
      ? [
          [pick(keys) ?? "", pick(lasting)],
          [pick(keys) ?? "", pick(lasting)],
        ]
      : [],
  );
  const end =
    random() < 0.2 && store.objects.size > store.pageKeysMax ? pick(listingEnds) : undefined;
  const isAclMissing = random() < 0.1;
  if (isAclMissing) bucket.removeAcl();
  const share = random() < 0.3 ? 0 : 0.12;
  const changing = random() < 0.3 ? 0.04 : 0;
  store.trouble = ({ kind, key, isLaterPage }) => {
    if (changing > 0 && random() < changing) bucket.change(1);
    if (kind === "list" && isLaterPage && end !== undefined) return end;
    const curse = kind === "get" ? cursed.get(key) : undefined;
    if (curse !== undefined) return curse;
    return random() < share ? pick(passing) : undefined;
  };
  return { isFatal: isAclMissing || end !== undefined };
}

/** Runs one sync to whatever end chance has for it. */
async function runOne(world: World): Promise<string> {
  const { random, store } = world;
  const { isFatal } = makeTrouble(world);
  const before = await indexedCount(world.source());
  const executionId = await startSync(world.source());
  const fate = random();
  let stoppedAt: number | undefined;
  await sleep(fate < 0.6 ? random() * 400 : 0);
  if (fate < 0.35) {
    await world.restart();
    if (random() < 0.5) world.bucket.change(3);
  } else if (fate < 0.6) {
    const { client, ...source } = world.source();
    stoppedAt = performance.now();
    // It may have ended in this moment.
    await client
      .send(new StopDataSourceSyncJobCommand(pathOf({ client, ...source })))
      .catch(() => undefined);
  }
  const job = await endOf(world.source(), executionId);
  store.trouble = () => undefined;
  const { documentsAdded, documentsDeleted, documentsFailed } = job.metrics ?? {};
  const after = await indexedCount(world.source());
  const told = `${fate.toFixed(2)} ${job.status} ${counts(job)} ${job.error?.errorMessage ?? ""}`;
  assert.equal(after - before, Number(documentsAdded) - Number(documentsDeleted), told);
  if (stoppedAt !== undefined) assert.ok(performance.now() - stoppedAt < 3000, told);
  else if (!isFatal) assert.ok(["SUCCEEDED", "INCOMPLETE"].includes(job.status ?? ""), told);
  if (job.status === "FAILED") assert.equal(documentsDeleted, "0", told);
  if (job.status === "INCOMPLETE") assert.notEqual(documentsFailed, "0", told);
  if (job.status === "SUCCEEDED") assert.equal(documentsFailed, "0", told);
  return told;
}

for (const seed of seeds) {
  test(`after faults, changes and crashes in any order one more sync is right (seed ${seed})`, async (t) => {
    const world = await openWorld(seed, t);
    const { bucket, store, random } = world;
    const told: string[] = [];
    try {
      for (let step = 0; step < stepsPerSeed; step += 1) {
        if (step === 0) bucket.fill();
        bucket.change(Math.floor(random() * 15));
        if (!store.objects.has("control/acl.json")) bucket.mend();
        told.push(await runOne(world));
      }
      bucket.mend();
      const last = await sync(world.source());
      told.push(`last ${last.status} ${counts(last)}`);
      const scanned = bucket.inScope().length;
      assert.equal(last.metrics?.documentsScanned, String(scanned));
      const again = await sync(world.source());
      assert.equal(counts(again), `${scanned} 0 0 0 0`, "once more changes nothing");
      await assertIndexed(world);
    } catch (error) {
      t.diagnostic(told.join("\n"));
      throw error;
    }
  });
}

/** Starts a sync whose objects below a prefix never come, and stops it when it waits for them. */
async function stopWaiting(
  { store, source }: World,
  prefix: string,
  documentsMin = 0,
): Promise<void> {
  store.asked.length = 0;
  store.trouble = ({ kind, key }) =>
    kind === "get" && key.startsWith(prefix) ? { kind: "slow", ms: 0 } : undefined;
  const executionId = await startSync(source());
  const isWaiting = async (): Promise<boolean> =>
    store.asked.some(({ kind, key }) => kind === "get" && key.startsWith(prefix)) &&
    (await listDocuments(source())).size >= documentsMin;
  for (let tries = 0; !(await isWaiting()); tries += 1) {
    assert.ok(tries < 600, "the sync never came so far");
    await sleep(50);
  }
  await source().client.send(new StopDataSourceSyncJobCommand(pathOf(source())));
  assert.equal((await endOf(source(), executionId)).status, "ABORTED");
  store.trouble = () => undefined;
}

test("an id given up in a sync that was stopped is not lost when the bucket changes back", async (t) => {
  const world = await openWorld(1, t);
  const { store, source } = world;
  const sidecar = "x.txt.metadata.json";
  store.put("x.txt", "The heron stands.");
  store.put(sidecar, '{"DocumentId":"pinned"}');
  assert.equal(counts(await sync(source())), "1 1 0 0 0");
  store.objects.delete(sidecar);
  await stopWaiting(world, "x");
  store.put(sidecar, '{"DocumentId":"pinned"}');
  const last = await sync(source());
  assert.equal(last.metrics?.documentsDeleted, "0", counts(last));
  assert.deepEqual([...(await settled(source())).keys()], ["pinned"]);
});

test("an id taken in a sync that was stopped goes back to the key that had it", async (t) => {
  const world = await openWorld(1, t);
  const { store, source } = world;
  store.put("z.txt", "The heron stands.");
  store.put("z.txt.metadata.json", '{"DocumentId":"same"}');
  assert.equal(counts(await sync(source())), "1 1 0 0 0");
  store.put("a.txt", "The swan swims in the pond.");
  store.put("a.txt.metadata.json", '{"DocumentId":"same"}');
  const fillers = Array.from({ length: 200 }, (_, n) => `${n < 100 ? "m" : "n"}/${n}.txt`);
  for (const key of fillers) store.put(key, `The crane at ${key}.`);
  await stopWaiting(world, "n/", 60);
  for (const key of ["a.txt", "a.txt.metadata.json", ...fillers]) store.objects.delete(key);
  await sync(source());
  const { dataDir, stop } = world;
  assert.deepEqual([...(await settled(source())).keys()], ["same"]);
  await stop();
  await using db = await openDatabase(join(dataDir, "quarry.db"));
  const rows = await db.read.selectFrom("document").select(["object_key", "text_bytes"]).execute();
  assert.deepEqual(
    rows.map((row) => [row.object_key, row.text_bytes]),
    [["z.txt", 17]],
  );
});

/** Compares listings, rows, access lists and texts with the bucket. */
async function assertIndexed({ bucket, source, stop, dataDir }: World): Promise<void> {
  const expected = bucket.expected();
  const listed = await settled(source());
  const { indexId } = source();
  await stop();
  await using db = await openDatabase(join(dataDir, "quarry.db"));
  const rows = await db.read
    .selectFrom("document as d")
    .leftJoin("acl_class as a", "a.id", "d.acl_class")
    .select(["document_id", "title", "text_bytes", "version", "published_version", "is_released"])
    .select(["a.canonical as canonical"])
    .where("index_id", "=", indexId)
    .execute();
  const legal = rows.filter(({ document_id }) => !/\p{C}/u.test(document_id));
  assert.deepEqual(
    legal.map(({ document_id }) => document_id).toSorted(),
    [...expected.keys()].toSorted(),
  );
  for (const row of legal) {
    const { document_id: id, canonical } = row;
    const document = expected.get(id);
    const status = listed.get(id)?.status ?? "";
    if (document?.isBroken === true) {
      assert.equal(status, "DOCUMENT_FAILED_TO_INDEX", id);
      continue;
    }
    assert.ok(["INDEXED", "UPDATED"].includes(status), `${id} is ${status}`);
    assert.equal(row.published_version, row.version, id);
    assert.equal(row.is_released, 0, id);
    const groups = [...new Set((canonical ?? "").match(/\bg[1-6]\b/g))];
    assert.deepEqual(
      { title: row.title, textBytes: row.text_bytes, groups },
      { title: document?.title, textBytes: document?.textBytes, groups: document?.groups },
      id,
    );
  }
}
