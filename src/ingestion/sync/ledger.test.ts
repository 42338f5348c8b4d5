import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as fc from "fast-check";
import { createMemoryLedger } from "../../connectors/known-documents.ts";
import type { Fingerprint, KnownDocument } from "../../connectors/connectors.ts";
import { connectorObjects, type Database, documents, openDatabase } from "../../store/store.ts";
import { createSyncLedger } from "./ledger.ts";

const at = new Date("2026-01-01T00:00:00Z");
let folder: string;
let db: Database;
let sources = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarry-ledger-"));
  db = await openDatabase(join(folder, "quarry.db"));
});
after(async () => {
  await db[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

type Row = { readonly documentId: string; readonly key: string } & {
  readonly isIndexed: boolean;
  readonly isReleased: boolean;
};

/** An empty data source; `put` gives it documents, `remember` objects. */
function openSource() {
  sources += 1;
  const scope = { indexId: `index-${sources}`, dataSourceId: `source-${sources}` };
  const accept = (...held: readonly (readonly [documentId: string, objectKey: string])[]) =>
    db.write((trx) =>
      documents.acceptMany(
        trx,
        held.map(([documentId, objectKey]) => {
          const document = { ...scope, applicationId: "app", documentId, title: "", objectKey };
          return { ...document, status: "PROCESSING", at };
        }),
      ),
    );
  const put = async (...rows: readonly Row[]): Promise<void> => {
    const versions = await accept(...rows.map(({ documentId, key }) => [documentId, key] as const));
    const keysOf = (is: "isIndexed" | "isReleased") => versions.filter((_, n) => rows[n]?.[is]);
    const nothing = { title: "", uri: "", contentType: "", attributes: "[]", syncAction: "" };
    const published = { ...nothing, aclClass: 0, textBytes: 0, syncId: "", at };
    const released = keysOf("isReleased").map(({ key }) => key);
    await db.write(async (trx) => {
      await documents.publishMany(
        trx,
        keysOf("isIndexed").map((version) => ({ ...version, ...published })),
      );
      const ofThem = trx.updateTable("document").where("key", "in", released);
      await ofThem.set({ is_released: 1 }).execute();
    });
  };
  const remember = (...known: readonly KnownDocument[]) =>
    db.write((trx) =>
      connectorObjects.putMany(
        trx,
        known.map(({ key, documentId = "", wantedId = "", outcome, fingerprint }) => ({
          dataSourceId: scope.dataSourceId,
          objectKey: key,
          documentId,
          wantedId,
          reportedId: "",
          outcome,
          fingerprint: JSON.stringify(fingerprint),
        })),
      ),
    );
  const remembered = async (): Promise<readonly string[]> => {
    const query = { dataSourceId: scope.dataSourceId, after: "", limit: 100 };
    const objects = await connectorObjects.list(db.read, query);
    return objects.map(({ objectKey, outcome }) => `${objectKey} ${outcome}`);
  };
  return { ledger: createSyncLedger(db, scope), accept, put, remember, remembered };
}

async function listOf<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const fingerprint: Fingerprint = {
  objectEtag: "e",
  sizeBytes: 1,
  metadataEtag: null,
  metadataHash: null,
  metadataAccessHash: null,
  accessHash: "public",
  settingsHash: "s",
  bucket: "kb",
};
const known = (key: string, more: object = {}): KnownDocument => ({
  key,
  documentId: `id of ${key}`,
  outcome: "indexed",
  fingerprint,
  ...more,
});

const ids = ["x", "y", "z"];
type Step =
  | { readonly do: "take" | "release"; readonly documentId: string; readonly key: string }
  | { readonly do: "endBatch" }
  | { readonly do: "store" };

const idOf = fc.constantFrom(...ids);
const keyOf = fc.constantFrom("a", "b", "c");
const rows: fc.Arbitrary<readonly Row[]> = fc.uniqueArray(
  fc
    .record({ documentId: idOf, key: keyOf, isIndexed: fc.boolean(), isReleased: fc.boolean() })
    .map((row) => ({ ...row, isReleased: row.isIndexed && row.isReleased })),
  { selector: ({ documentId }) => documentId },
);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("take" as const), documentId: idOf, key: keyOf }),
    fc.record({ do: fc.constant("release" as const), documentId: idOf, key: keyOf }),
    fc.constant({ do: "endBatch" as const }),
    fc.constant({ do: "store" as const }),
  ),
  { maxLength: 14 },
);

test("whatever has been stored of it, the stored ledger says what one in memory says", async () => {
  const law = async (first: readonly Row[], done: readonly Step[]): Promise<void> => {
    const source = openSource();
    await source.put(...first);
    const { ledger } = source;
    const plain = createMemoryLedger(first);
    // The documents that the batch is to give rows to.
    let batch = new Map<string, string>();
    const ended: { readonly number: number; readonly taken: ReadonlyMap<string, string> }[] = [];
    const end = (): void => {
      ended.push({ number: ledger.endBatch(), taken: batch });
      batch = new Map();
    };
    const store = async (): Promise<void> => {
      const one = ended.shift();
      if (one === undefined) return;
      await db.write((trx) => ledger.flush(trx, one.number));
      await source.accept(...one.taken);
      ledger.settle(one.number);
    };
    const check = async (): Promise<void> => {
      for (const id of ids) {
        assert.deepEqual(await ledger.holderOf(id), await plain.holderOf(id), id);
      }
    };
    for (const step of done) {
      if (step.do === "endBatch") end();
      else if (step.do === "store") await store();
      else {
        const { documentId, key } = step;
        await ledger[step.do]({ documentId, key });
        await plain[step.do]({ documentId, key });
        if (step.do === "take") batch.set(documentId, key);
        else if (batch.get(documentId) === key) batch.delete(documentId);
      }
      await check();
    }
    end();
    while (ended.length > 0) await store();
    await check();
    assert.equal(await ledger.countReleased(), await plain.countReleased());
    const released = async (of: typeof plain): Promise<readonly string[]> =>
      (await listOf(of.released())).map(({ documentId, key }) => `${documentId} ${key}`).sort();
    assert.deepEqual(await released(ledger), await released(plain));
  };
  await fc.assert(fc.asyncProperty(rows, steps, law), { numRuns: 60 });
});

test("what is remembered comes in byte order, page after page, as it was remembered", async () => {
  const source = openSource();
  const { documentId: _none, ...wanting } = known("k2", { outcome: "clash", wantedId: "w" });
  const some = [known("k1"), wanting, known("\uFF21"), known("\u{1F600}", { outcome: "failed" })];
  await source.remember(...some.toReversed());
  assert.deepEqual((await listOf(source.ledger.known())).flat(), some);
  const large = openSource();
  const keys = Array.from({ length: 2_001 }, (_, n) => `k${n}`).sort();
  await large.remember(...keys.map((key) => known(key)));
  const pages = await listOf(large.ledger.known());
  assert.deepEqual(
    pages.flat().map(({ key }) => key),
    keys,
  );
});

test("all documents that were let go of are listed, however many", async () => {
  const source = openSource();
  const keys = Array.from({ length: 1_001 }, (_, n) => `k${n}`);
  await source.put(
    ...keys.map((key) => ({ documentId: key, key, isIndexed: true, isReleased: true })),
  );
  const released = await listOf(source.ledger.released());
  assert.deepEqual(released.map(({ key }) => key).sort(), keys.sort());
  assert.equal(await source.ledger.countReleased(), keys.length);
});

test("what the crawl went past is forgotten, with the batch in which it did", async () => {
  const { ledger, remember, remembered } = openSource();
  const keys = ["a", "b", "c", "\uFF21", "\u{1F600}"];
  await remember(...keys.map((key) => known(key)));
  for await (const _ of ledger.known());
  assert.deepEqual(ledger.arriveAt("b", { isDocument: true }), fingerprint);
  assert.equal(ledger.arriveAt("b2", { isDocument: true }), undefined);
  const first = ledger.endBatch();
  assert.deepEqual(ledger.arriveAt("c", { isDocument: false }), fingerprint, "left out now");
  assert.deepEqual(ledger.arriveAt("\uFF21", { isDocument: true }), fingerprint);
  const second = ledger.endBatch();
  ledger.arriveAtEnd();
  const third = ledger.endBatch();
  const after: string[] = [];
  for (const number of [first, second, third]) {
    await db.write((trx) => ledger.flush(trx, number));
    after.push((await remembered()).map((one) => one.split(" ")[0]).join(" "));
  }
  assert.deepEqual(after, ["b c \uFF21 \u{1F600}", "b \uFF21 \u{1F600}", "b \uFF21"]);
});

test("a key that lost its id is looked at anew, from the batch on in which it did", async () => {
  const { ledger, remember, remembered } = openSource();
  await remember(known("a"), known("b"));
  const first = ledger.endBatch();
  await ledger.evict("b");
  const second = ledger.endBatch();
  await db.write((trx) => ledger.flush(trx, first));
  assert.deepEqual(await remembered(), ["a indexed", "b indexed"]);
  await db.write((trx) => ledger.flush(trx, second));
  assert.deepEqual(await remembered(), ["a indexed", "b unfinished"]);
});

test("a row that only tells of a failure holds nothing", async () => {
  const { ledger, accept } = openSource();
  await accept(["x", ""]);
  assert.equal(await ledger.holderOf("x"), undefined);
});
