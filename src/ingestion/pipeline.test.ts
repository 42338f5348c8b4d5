import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openVault, plainCipher } from "../core/content-cipher.ts";
import { systemIds } from "../core/ids.ts";
import { chunksOf, testCollection, type TestCollection } from "../search/testing/collection.ts";
import { documentContent, documents } from "../store/store.ts";
import type { Room } from "./admission.ts";
import { openContentStore } from "./content-store/content-store.ts";
import { createIndexMetrics } from "./index-metrics.ts";
import {
  acceptDocument,
  type Outcome,
  type PendingDocument,
  type Pipeline,
  publishBatch,
  type Published,
  type ReadDocument,
} from "./pipeline.ts";

const at = new Date("2026-03-04T05:06:07Z");
let shared: TestCollection;
before(async () => {
  shared = await testCollection();
});
after(() => shared[Symbol.asyncDispose]());
let worlds = 0;

/** An empty index, with copies of what is put into it. */
async function openWorld() {
  worlds += 1;
  const indexId = `index-${worlds}`;
  const { db, search } = shared;
  const folder = await mkdtemp(join(tmpdir(), "quarry-publish-"));
  const contents = await openContentStore(db, folder, systemIds);
  const metrics = createIndexMetrics();
  // Publishing reads no content, so that there is nothing to extract.
  const pipeline = { db, search, contents, metrics, vault: openVault, now: () => at };
  const accept = (documentId: string): Promise<PendingDocument> => {
    const scope = { applicationId: "app", indexId, dataSourceId: "" };
    const shown = { documentId, title: documentId, contentType: "", attributes: [] };
    const more = { acl: "public", objectKey: "", status: "PROCESSING", at } as const;
    return db.write((trx) => acceptDocument(trx, { ...scope, ...shown, ...more }, plainCipher));
  };
  const read = async (document: PendingDocument, text: string): Promise<ReadDocument> => {
    const file = await contents.write({ bytes: Buffer.from(text) }, false);
    const copy = { file, textFile: "", mimeType: "", fileName: "", contentType: "" };
    return { document, chunks: chunksOf([text]), textBytes: text.length, copy };
  };
  return {
    indexId,
    metrics,
    accept,
    read,
    publish: (
      outcomes: readonly Outcome[],
      { syncId = "", room }: { readonly syncId?: string; readonly room?: Room } = {},
    ): Promise<readonly Published[]> =>
      publishBatch(pipeline as unknown as Pipeline, indexId, outcomes, { mark: { syncId }, room }),
    found: async (text: string): Promise<readonly string[]> => {
      const query = { indexId, viewer: { kind: "anonymous" }, text, limit: 10 } as const;
      const { passages } = await search.retrieve(query);
      return passages.map((passage) => passage.text).toSorted();
    },
    copyOf: async ({ key }: PendingDocument): Promise<string> => {
      const { file = "" } = (await documentContent.find(db.read, key)) ?? {};
      const parts: Uint8Array[] = [];
      if (file !== "") for await (const part of (await contents.read(file)) ?? []) parts.push(part);
      return Buffer.concat(parts).toString();
    },
    /** Copies on the disk, those that no document refers to among them. */
    copies: async (): Promise<number> => {
      const all = await readdir(folder, { recursive: true, withFileTypes: true });
      return all.filter((entry) => entry.isFile()).length;
    },
    statusOf: async ({ key }: PendingDocument) => (await documents.findByKey(db.read, key))?.status,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

const failureOf = (document: PendingDocument): Outcome => {
  const status = "DOCUMENT_FAILED_TO_INDEX";
  return { document, errorCode: "InvalidRequest", errorMessage: "It is damaged.", status };
};

test("a version that a newer one overtook is left out of its batch, and the one before answers", async () => {
  await using world = await openWorld();
  const { accept, read, publish } = world;
  const first = await accept("a");
  await publish([await read(first, "The heron stands.")]);
  const overtaken = await read(await accept("a"), "The heron sleeps.");
  const other = await read(await accept("b"), "The heron flies.");
  await accept("a");
  const published = await publish([overtaken, other]);
  assert.deepEqual(
    published.map(({ isCurrent, isFirst }) => ({ isCurrent, isFirst })),
    [
      { isCurrent: false, isFirst: false },
      { isCurrent: true, isFirst: true },
    ],
  );
  assert.deepEqual(await world.found("heron"), ["The heron flies.", "The heron stands."]);
  assert.equal(await world.copyOf(first), "The heron stands.");
  assert.equal(await world.copies(), 2, "nothing is kept of the one that came too late");
  assert.equal(world.metrics.counts().indexed, 2);
});

test("a failure of a version that a newer one overtook is not noted", async () => {
  await using world = await openWorld();
  const failed = await world.accept("a");
  await world.accept("a");
  const [late] = await world.publish([failureOf(failed)]);
  assert.equal(late?.isCurrent, false);
  assert.equal(await world.statusOf(failed), "PROCESSING");
  assert.equal(world.metrics.counts().failed, 0);
});

test("what an index has no room for fails, and its copy goes", async () => {
  await using world = await openWorld();
  const { accept, read, publish } = world;
  const [a, b] = [await accept("a"), await accept("b")];
  const limits = { units: 1, documentsMax: 1, textBytesMax: 1000 };
  const batch = [await read(a, "The heron stands."), await read(b, "The heron flies.")];
  await publish(batch, { room: { limits, advice: "." } });
  assert.deepEqual(await world.found("heron"), ["The heron stands."]);
  assert.deepEqual(
    [await world.statusOf(a), await world.statusOf(b)],
    ["INDEXED", "DOCUMENT_FAILED_TO_INDEX"],
  );
  assert.equal(await world.copies(), 1);
  const { indexed, failed } = world.metrics.counts();
  assert.deepEqual({ indexed, failed }, { indexed: 1, failed: 1 });
});

test("a document is told to be counted only where this very sync job has counted it", async () => {
  await using world = await openWorld();
  const { accept, read, publish } = world;
  const countedAs = async (syncId: string): Promise<string | undefined> => {
    const outcome = await read(await accept("a"), "The heron stands.");
    const [published] = await publish([outcome], { syncId });
    return published?.countedAs;
  };
  const told: (string | undefined)[] = [];
  for (const job of ["", "", "one", "one", "two", "two"]) told.push(await countedAs(job));
  assert.deepEqual(told, ["", "", "", "modified", "", "modified"]);
});
