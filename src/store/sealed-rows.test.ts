import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BrokenSealError, contentCipher } from "../core/content-cipher.ts";
import { conversations, feedback, idempotency, openDatabase } from "./store.ts";

const at = new Date("2026-02-03T04:05:06Z");
const cipherOf = (applicationId: string) =>
  contentCipher({ applicationId, keys: [{ id: 1, bytes: randomBytes(32) }] });

test("conversations, feedback and replayed answers are sealed, and open with their key", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-sealed-rows-"));
  try {
    const path = join(folder, "quarry.db");
    await using db = await openDatabase(path);
    const cipher = cipherOf("a1");
    const conversation = {
      id: "c1",
      applicationId: "a1",
      owner: "user:x",
      title: "canary title",
      startedAt: at,
      lastAt: at,
    };
    const message = {
      id: "m1",
      conversationId: "c1",
      parentId: "",
      type: "SYSTEM" as const,
      body: "canary body",
      attributions: '["canary source"]',
      at,
    };
    const said = { messageId: "m1", applicationId: "a1", comment: "canary comment", at };
    const token = { scope: "chat/a1/user:x", token: "t" };
    const answer = { requestHash: "canary hash", response: "canary answer", at };
    await db.write(async (trx) => {
      await conversations.put(trx, conversation, cipher);
      await conversations.insertMessage(trx, message, cipher);
      await feedback.put(trx, { ...said, usefulness: "NOT_USEFUL" }, cipher);
      await idempotency.put(trx, token, answer, cipher);
    });
    const listed = { applicationId: "a1", owner: "user:x", since: at, limit: 9 };
    assert.deepEqual(await conversations.list(db.read, listed, cipher), [conversation]);
    const ids = { conversationId: "c1", messageId: "m1" };
    assert.deepEqual(await conversations.findMessage(db.read, ids, cipher), message);
    assert.deepEqual(await conversations.lastMessages(db.read, "c1", 9, cipher), [message]);
    const [first] = await conversations.listMessages(db.read, { ...ids, limit: 9 }, cipher);
    assert.equal(first?.body, "canary body");
    assert.equal((await feedback.find(db.read, "m1", cipher))?.comment, "canary comment");
    const { at: _at, ...kept } = answer;
    assert.deepEqual(await idempotency.find(db.read, token, cipher), kept);
    const other = cipherOf("a2");
    const wrong = [
      () => conversations.list(db.read, listed, other),
      () => conversations.findMessage(db.read, ids, other),
      () => feedback.find(db.read, "m1", other),
      () => idempotency.find(db.read, token, other),
    ];
    for (const open of wrong) await assert.rejects(open(), BrokenSealError);
    const stored = Buffer.concat([await readFile(path), await readFile(`${path}-wal`)]);
    assert.ok(stored.includes("user:x"));
    assert.ok(!stored.includes("canary"));
    assert.match((await conversations.find(db.read, "c1"))?.title ?? "", /^sealed:/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
