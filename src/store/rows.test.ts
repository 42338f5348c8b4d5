import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { plainCipher } from "../core/content-cipher.ts";
import {
  conversations,
  type Database,
  feedback,
  idempotency,
  openDatabase,
  resources,
  settings,
  syncJobs,
  tags,
  webSessions,
} from "./store.ts";

const at = new Date("2026-02-03T04:05:06.789Z");
const later = (seconds: number): Date => new Date(at.getTime() + seconds * 1000);
const scope = { applicationId: "app", indexId: "index", dataSourceId: "source" };

async function withDatabase(run: (db: Database) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-rows-"));
  try {
    await using db = await openDatabase(join(folder, "quarry.db"));
    await run(db);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const application = {
  id: "app",
  accountId: "111122223333",
  kind: "application",
  applicationId: "app",
  indexId: "",
  arn: "arn:app",
  status: "ACTIVE",
  record: { displayName: "Grüße" },
  at,
} as const;

test("a resource is read as it was stored, changed in part, and removed with its tags", () =>
  withDatabase(async (db) => {
    await db.write(async (trx) => {
      await resources.insert(trx, application);
      await tags.put(trx, "arn:app", [{ key: "a", value: "1" }]);
    });
    const { at: _at, ...stored } = application;
    const first = await resources.find(db.read, "application", "app");
    assert.deepEqual(first, { ...stored, sequence: 1, createdAt: at, updatedAt: at });
    assert.equal(await resources.find(db.read, "index", "app"), undefined);
    await db.write((trx) =>
      resources.update(trx, "app", { status: "DELETING", indexId: "i", at: later(1) }),
    );
    const changed = await resources.findByArn(db.read, "arn:app");
    assert.deepEqual(
      [changed?.status, changed?.indexId, changed?.record, changed?.updatedAt],
      ["DELETING", "i", { displayName: "Grüße" }, later(1)],
    );
    if (changed !== undefined) await db.write((trx) => resources.remove(trx, changed));
    assert.equal(await resources.find(db.read, "application", "app"), undefined);
    assert.deepEqual(await tags.list(db.read, "arn:app"), []);
  }));

test("an id is of one resource, also of another kind", () =>
  withDatabase(async (db) => {
    await db.write((trx) => resources.insert(trx, application));
    const again = db.write((trx) => resources.insert(trx, { ...application, kind: "index" }));
    await assert.rejects(again, /UNIQUE/);
  }));

test("a transaction that fails leaves nothing", () =>
  withDatabase(async (db) => {
    const failing = db.write(async (trx) => {
      await resources.insert(trx, application);
      throw new Error("changed my mind");
    });
    await assert.rejects(failing, /changed my mind/);
    assert.equal(await resources.find(db.read, "application", "app"), undefined);
    await db.write((trx) => resources.insert(trx, application));
  }));

test("lists keep to their account, kind and parents, in order of creation", () =>
  withDatabase(async (db) => {
    await db.write(async (trx) => {
      for (let n = 0; n < 6; n += 1) {
        const accountId = n % 2 === 0 ? "111122223333" : "999988887777";
        await resources.insert(trx, { ...application, id: `r${n}`, arn: `arn:${n}`, accountId });
      }
    });
    const query = { accountId: "111122223333", kind: "application", limit: 2 } as const;
    const page = await resources.list(db.read, query);
    assert.deepEqual(
      page.map(({ id }) => id),
      ["r0", "r2"],
    );
    const rest = await resources.list(db.read, { ...query, after: page.at(-1)?.sequence ?? 0 });
    assert.deepEqual(
      rest.map(({ id }) => id),
      ["r4"],
    );
    assert.equal(await resources.count(db.read, query), 3);
    assert.equal(await resources.count(db.read, { ...query, applicationId: "other" }), 0);
  }));

test("a sync job counts, is asked to stop, and ends once", () =>
  withDatabase(async (db) => {
    const job = { ...scope, id: "j1", startedAt: at };
    await db.write(async (trx) => {
      await syncJobs.insert(trx, job);
      await syncJobs.count(trx, "j1", { added: 2, failed: 1 });
      await syncJobs.count(trx, "j1", { added: 1, deleted: 4 });
      await syncJobs.setScanned(trx, "j1", 9);
      await syncJobs.setProtected(trx, "j1", 5);
      await syncJobs.setProtected(trx, "j1", 5);
    });
    const running = await syncJobs.findRunning(db.read, "source");
    assert.deepEqual(
      [running?.added, running?.deleted, running?.failed, running?.scanned, running?.protected],
      [3, 4, 1, 9, 5],
    );
    await db.write((trx) => syncJobs.requestStop(trx, "j1"));
    await db.write((trx) => syncJobs.setIndexing(trx, "j1"));
    assert.equal((await syncJobs.find(db.read, "j1"))?.status, "STOPPING", "stays so");
    await db.write((trx) => syncJobs.end(trx, "j1", { status: "ABORTED", at: later(1) }));
    await db.write((trx) => syncJobs.end(trx, "j1", { status: "FAILED", at: later(2) }));
    await db.write((trx) => syncJobs.requestStop(trx, "j1"));
    const ended = await syncJobs.find(db.read, "j1");
    assert.deepEqual([ended?.status, ended?.endedAt], ["ABORTED", later(1)]);
    assert.equal(await syncJobs.findRunning(db.read, "source"), undefined);
  }));

test("tags are told apart by case, overwritten, and removed by key", () =>
  withDatabase(async (db) => {
    await db.write(async (trx) => {
      await tags.put(trx, "arn", [
        { key: "b", value: "1" },
        { key: "B", value: "2" },
      ]);
      await tags.put(trx, "arn", [{ key: "b", value: "" }]);
      await tags.remove(trx, "arn", ["B", "none"]);
      await tags.remove(trx, "arn", []);
    });
    const [only, ...more] = await tags.list(db.read, "arn");
    assert.deepEqual([only?.key, only?.value, more.length], ["b", "", 0]);
  }));

test("an answer is kept for its token until it is old, or its scope goes", () =>
  withDatabase(async (db) => {
    const answer = { requestHash: "h", response: "{}", at };
    const token = "t";
    const scopes = ["chat/a/owner", "chat/a/other", "chat/ab/owner", "111/us-east-1/CreateIndex"];
    await db.write(async (trx) => {
      for (const one of scopes) await idempotency.put(trx, { scope: one, token }, answer);
    });
    const twice = db.write((trx) =>
      idempotency.put(trx, { scope: scopes[0] ?? "", token }, answer),
    );
    await assert.rejects(twice, /UNIQUE/);
    await db.write((trx) => idempotency.removeWithin(trx, "chat/a/"));
    const left = await Promise.all(
      scopes.map(
        async (one) => (await idempotency.find(db.read, { scope: one, token })) !== undefined,
      ),
    );
    assert.deepEqual(left, [false, false, true, true]);
    await db.write((trx) => idempotency.purge(trx, at));
    assert.ok(await idempotency.find(db.read, { scope: "chat/ab/owner", token }));
    await db.write((trx) => idempotency.purge(trx, later(1)));
    assert.equal(await idempotency.find(db.read, { scope: "chat/ab/owner", token }), undefined);
  }));

test("conversations keep their messages in order, and are forgotten when nobody goes on", () =>
  withDatabase(async (db) => {
    const conversation = (id: string, lastAt: Date) =>
      ({ id, applicationId: "app", owner: "o", title: "T", startedAt: at, lastAt }) as const;
    const message = (id: string, conversationId: string) =>
      ({
        id,
        conversationId,
        parentId: "",
        type: "USER",
        body: id,
        attributions: "[]",
        at,
      }) as const;
    await db.write(async (trx) => {
      await conversations.put(trx, conversation("c1", at), plainCipher);
      await conversations.put(trx, conversation("c2", at), plainCipher);
      for (const id of ["m1", "m2", "m3"]) {
        await conversations.insertMessage(trx, message(id, "c1"), plainCipher);
      }
      const again = { ...conversation("c1", later(60)), title: "ignored" };
      await conversations.put(trx, again, plainCipher);
    });
    assert.deepEqual(await conversations.find(db.read, "c1"), conversation("c1", later(60)));
    const last = await conversations.lastMessages(db.read, "c1", 2, plainCipher);
    assert.deepEqual(
      last.map(({ id }) => id),
      ["m2", "m3"],
    );
    const foreign = { conversationId: "c2", messageId: "m1" };
    assert.equal(await conversations.findMessage(db.read, foreign, plainCipher), undefined);
    assert.equal(await db.write((trx) => conversations.purge(trx, later(30), 10)), 1);
    assert.equal(await conversations.find(db.read, "c2"), undefined);
    assert.equal(await db.write((trx) => conversations.removeOfApplication(trx, "app", 10)), 1);
    assert.deepEqual(await conversations.lastMessages(db.read, "c1", 5, plainCipher), []);
  }));

test("the last judgement of a message wins, member by member", () =>
  withDatabase(async (db) => {
    const given = { messageId: "m", applicationId: "app", at };
    const put = (more: object) =>
      db.write((trx) => feedback.put(trx, { ...given, ...more }, plainCipher));
    await put({ usefulness: "USEFUL", reason: "HELPFUL", comment: "c", submittedAt: at });
    await put({ copiedAt: later(5) });
    await put({ usefulness: "NOT_USEFUL", submittedAt: later(9) });
    assert.deepEqual(await feedback.find(db.read, "m", plainCipher), {
      ...given,
      usefulness: "NOT_USEFUL",
      submittedAt: later(9),
      copiedAt: later(5),
    });
    await db.write((trx) => feedback.removeOfApplication(trx, "app"));
    assert.equal(await feedback.find(db.read, "m", plainCipher), undefined);
  }));

test("W13: a link opens once, within its time, whoever comes first", () =>
  withDatabase(async (db) => {
    const link = {
      tokenHash: "h",
      applicationId: "app",
      webExperienceId: "w",
      sessionMinutes: 15,
      opensUntil: later(300),
    };
    await db.write((trx) => webSessions.insertLink(trx, link));
    assert.equal(await webSessions.countOpenLinks(db.read, "w", at), 1);
    assert.equal(await webSessions.countOpenLinks(db.read, "w", later(301)), 0);
    const open = (now: Date) => db.write((trx) => webSessions.redeemLink(trx, "h", now));
    assert.equal(await open(later(301)), undefined);
    const opened = await Promise.all([1, 2, 3, 4].map((second) => open(later(second))));
    assert.equal(opened.filter((one) => one !== undefined).length, 1);
    assert.equal(await webSessions.countOpenLinks(db.read, "w", at), 0);
  }));

test("settings are kept, and the last one counts", () =>
  withDatabase(async (db) => {
    assert.equal(await settings.find(db.read, "a"), undefined);
    await db.write((trx) => settings.put(trx, "a", "1"));
    await db.write((trx) => settings.put(trx, "a", "2"));
    assert.equal(await settings.find(db.read, "a"), "2");
  }));
