import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { StopDataSourceSyncJobCommand, UpdateIndexCommand } from "@aws-sdk/client-qbusiness";
import { openDatabase } from "../../src/store/store.ts";
import { type BucketServer, bucketServerEnv, startBucketServer } from "../support/bucket-server.ts";
import { type ChildServer, startChild } from "../support/child-server.ts";
import { iam, qbusinessHttp1 } from "../support/clients.ts";
import {
  ask,
  counts,
  endOf,
  listDocuments,
  makeSite,
  makeSource,
  pathOf,
  type Source,
  startSync,
  sync,
} from "../support/site.ts";

type World = {
  readonly store: BucketServer;
  readonly dataDir: string;
  readonly source: () => Source;
  /** Ends the server in order, does something with its files, and starts it again. */
  readonly whileStopped: (work: () => Promise<void>) => Promise<void>;
};

async function openWorld(t: TestContext, settings: object = {}): Promise<World> {
  const store = await startBucketServer();
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-limits-"));
  const start = (): Promise<ChildServer> =>
    startChild(dataDir, {}, { s3Endpoint: store.endpoint, env: bucketServerEnv });
  let server = await start();
  t.after(async () => {
    await server.kill();
    await store[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });
  const made = await makeSource(await makeSite(server), store.bucket, { ...settings });
  return {
    store,
    dataDir,
    source: () => ({ ...made, client: qbusinessHttp1(server), iam: iam(server) }),
    whileStopped: async (work) => {
      await server.stop();
      await work();
      server = await start();
    },
  };
}

test("a sync fills an index to its capacity, says of each other document why, and goes on with more units", async (t) => {
  const { store, dataDir, source, whileStopped } = await openWorld(t);
  store.put("a.txt", "The heron stands.");
  assert.equal(counts(await sync(source())), "1 1 0 0 0");
  const { applicationId, indexId } = source();
  // As if 19,996 others were there.
  await whileStopped(async () => {
    await using db = await openDatabase(join(dataDir, "quarry.db"));
    await db.write((trx) =>
      trx.updateTable("index_statistics").set({ document_count: 19_997 }).execute(),
    );
  });
  for (let n = 0; n < 5; n += 1) store.put(`b/${n}.txt`, `The swan number ${n} swims.`);
  store.put("a.txt", "The heron flies.");
  const full = await sync(source());
  assert.equal(full.status, "INCOMPLETE");
  assert.equal(counts(full), "6 3 1 0 2", "a document that is there may change");
  const refused = [...(await listDocuments(source())).values()].filter(
    ({ status }) => status === "DOCUMENT_FAILED_TO_INDEX",
  );
  assert.equal(refused.length, 2);
  for (const { error } of refused) {
    assert.equal(error?.errorCode, "InvalidRequest");
    assert.match(error?.errorMessage ?? "", /20000 documents .* 1 unit .* UpdateIndex/);
  }
  store.asked.length = 0;
  assert.equal(counts(await sync(source())), "6 0 0 0 2", "tried again, for there may be room");
  assert.equal(store.asked.filter(({ kind }) => kind === "get").length, 0, "but not fetched");

  const capacityConfiguration = { units: 2 };
  await source().client.send(
    new UpdateIndexCommand({ applicationId, indexId, capacityConfiguration }),
  );
  const more = await sync(source());
  assert.equal(counts(more), "6 2 0 0 0");
  assert.equal(more.status, "SUCCEEDED");
});

test("text counts for the capacity, too", async (t) => {
  const { store, dataDir, source, whileStopped } = await openWorld(t);
  store.put("a.txt", "The heron stands in the reeds.");
  await sync(source());
  await whileStopped(async () => {
    await using db = await openDatabase(join(dataDir, "quarry.db"));
    const held = 200 * 1024 * 1024 - 10;
    await db.write((trx) =>
      trx.updateTable("index_statistics").set({ text_bytes: held }).execute(),
    );
  });
  store.put("a.txt", "The heron.");
  store.put("b.txt", "12345");
  store.put("c.txt", "A text that is longer than what there is room for.");
  const job = await sync(source());
  assert.equal(counts(job), "3 1 1 0 1");
  const failed = (await listDocuments(source())).get(`s3://${store.bucket}/c.txt`);
  assert.match(failed?.error?.errorMessage ?? "", /bytes of text/);
});

test("a stop ends a sync within two seconds, whatever it waits for, and leaves nothing behind", async (t) => {
  const { store, dataDir, source } = await openWorld(t);
  for (let n = 0; n < 40; n += 1) store.put(`d/${n}.txt`, `The heron number ${n}.`);
  const waits = {
    "for objects that do not come":
      () =>
      ({ kind }: { readonly kind: string }) =>
        kind === "get" ? ({ kind: "slow", ms: 0 } as const) : undefined,
    "for a listing that does not come":
      () =>
      ({ kind }: { readonly kind: string }) =>
        kind === "list" ? ({ kind: "slow", ms: 0 } as const) : undefined,
    "between attempts": () => () => ({ kind: "error", status: 503, code: "SlowDown" }) as const,
  };
  for (const [name, trouble] of Object.entries(waits)) {
    store.trouble = trouble();
    const executionId = await startSync(source());
    await sleep(700);
    const asked = performance.now();
    await source().client.send(new StopDataSourceSyncJobCommand(pathOf(source())));
    const job = await endOf(source(), executionId);
    assert.ok(performance.now() - asked < 2000, `${name}: ${performance.now() - asked} ms`);
    assert.equal(job.status, "ABORTED", name);
    assert.deepEqual(await readdir(join(dataDir, "temporary")), [], name);
  }
  store.trouble = () => undefined;
  assert.equal(counts(await sync(source())), "40 40 0 0 0");
});

test("an object of exactly 50 MB is taken, one a byte larger is left out, and one that shrank meanwhile is read as it is", async (t) => {
  const { store, source } = await openWorld(t);
  const limit = 50 * 1024 * 1024;
  const page = (bytes: number): Buffer => {
    const text = Buffer.from("<p>The stork weighs four kilograms.</p>");
    return Buffer.concat([
      Buffer.from("<!--"),
      Buffer.alloc(bytes - text.length - 7, "x"),
      Buffer.from("-->"),
      text,
    ]);
  };
  store.put("exact.html", page(limit), 2);
  store.put("larger.html", page(limit + 1));
  store.put("shrinks.html", page(20 * 1024 * 1024));
  let isShrunk = false;
  store.trouble = ({ kind, key }) => {
    if (kind !== "get" || key !== "shrinks.html" || isShrunk) return undefined;
    isShrunk = true;
    store.put("shrinks.html", "<p>The crane weighs six kilograms.</p>");
    return { kind: "cut" };
  };
  const job = await sync(source());
  const errors = [...(await listDocuments(source())).values()].map(({ error }) => error);
  assert.equal(counts(job), "2 2 0 0 0", JSON.stringify(errors));
  assert.match((await ask(source(), "How much does the stork weigh?")).systemMessage ?? "", /four/);
  assert.match((await ask(source(), "How much does the crane weigh?")).systemMessage ?? "", /six/);
  assert.equal(counts(await sync(source())), "2 0 0 0 0");
});
