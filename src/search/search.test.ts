import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { collectionOn, testCollection, type TestCollection } from "./testing/collection.ts";

let shared: TestCollection;
before(async () => {
  shared = await testCollection();
});
after(() => shared[Symbol.asyncDispose]());

test("the passage that holds the words of a question comes first, with its place", async () => {
  const collection = collectionOn(shared);
  await collection.put([
    { id: "leave", title: "Leave", texts: ["Annual leave is 25 days a year.", "Ask your lead."] },
    { id: "travel", title: "Travel", texts: ["Book trains two weeks before you travel."] },
  ]);
  const [first, ...rest] = await collection.passages("How many days of annual leave?");
  assert.equal(collection.idOf(first?.documentKey ?? 0), "leave");
  assert.equal(first?.text, "Annual leave is 25 days a year.");
  assert.equal(first?.title, "Leave");
  assert.deepEqual([first?.ordinal, first?.beginOffset, first?.endOffset], [0, 0, 31]);
  assert.equal(first?.version, 1);
  assert.ok((first?.bm25 ?? 0) > 0 && (first?.score ?? 0) >= 1);
  // The title of a document counts for all its chunks.
  assert.deepEqual(
    rest.map(({ ordinal }) => ordinal),
    [1],
  );
});

test("headings above a chunk are searched as well", async () => {
  const collection = collectionOn(shared);
  await collection.put([
    { id: "a", texts: ["Twenty-five days."], headings: ["Handbook", "Vacation"] },
    { id: "b", texts: ["Something else entirely."] },
  ]);
  assert.deepEqual(await collection.find("vacation"), ["a"]);
});

test("an index that nothing was published to answers with nothing", async () => {
  const collection = collectionOn(shared);
  assert.deepEqual(await collection.find("anything"), []);
  assert.deepEqual(await collection.search.stats("no such index"), {
    documents: 0,
    chunks: 0,
    segments: 0,
    sizeBytes: 0,
  });
});

test("a new version takes the place of the old one, a deleted document is gone", async () => {
  const collection = collectionOn(shared);
  await collection.put([{ id: "a", texts: ["The price is ten crowns."] }]);
  await collection.put([{ id: "b", texts: ["The price of tea is low."] }]);
  await collection.put([{ id: "a", texts: ["The price is twelve crowns."] }]);
  assert.deepEqual(
    (await collection.passages("price crowns")).map(({ text }) => text),
    ["The price is twelve crowns.", "The price of tea is low."],
  );
  await collection.remove(["a"]);
  assert.deepEqual(await collection.find("price crowns"), ["b"]);
});

test("a publication that fails has changed nothing", async () => {
  const collection = collectionOn(shared);
  await collection.put([{ id: "a", texts: ["old wording"] }]);
  const put = collection.put([{ id: "a", texts: ["new wording"] }], { failAtEnd: new Error("no") });
  await assert.rejects(put, /^Error: no$/);
  const found = await collection.passages("wording");
  assert.deepEqual(
    found.map(({ text }) => text),
    ["old wording"],
  );
});

test("stop words are searched for only when nothing else matches", async () => {
  const collection = collectionOn(shared);
  await collection.put([
    { id: "band", texts: ["The Who are a band."] },
    { id: "tea", texts: ["Tea is good."] },
  ]);
  assert.deepEqual(await collection.find("who is the tea"), ["tea"]);
  assert.deepEqual(await collection.find("the who"), ["band"]);
  assert.deepEqual(await collection.find("who xyzzy"), ["band"]);
});

test("hostile questions get an answer, and soon", async () => {
  const collection = collectionOn(shared);
  await collection.put([{ id: "a", texts: ["plain words in a plain document"] }]);
  const start = performance.now();
  assert.deepEqual(await collection.find("plain ".repeat(200_000)), ["a"]);
  assert.deepEqual(await collection.find("\u0000\u0001\u001b[2J\ud800"), []);
  assert.deepEqual(await collection.find("😀".repeat(100_000)), []);
  assert.deepEqual(await collection.find(""), []);
  assert.deepEqual(await collection.find("' OR 1=1; drop table document; -- plain"), ["a"]);
  const many = Array.from({ length: 5000 }, (_, i) => `w${i}`).join(" ");
  assert.deepEqual(await collection.find(`plain ${many}`), ["a"]);
  assert.ok(performance.now() - start < 5000);
});

test("a question that was given up is rejected with the reason, also while it waits", async () => {
  const collection = collectionOn(shared);
  await collection.put([{ id: "a", texts: ["words"] }]);
  const gone = new AbortController();
  const waiting = collection.find("words", { signal: gone.signal });
  gone.abort(new Error("client left"));
  await assert.rejects(waiting, /client left/);
  await assert.rejects(collection.find("words", { signal: gone.signal }), /client left/);
  assert.deepEqual(await collection.find("words"), ["a"]);
});

test("a limit outside of what is allowed is a bug of the caller", async () => {
  const collection = collectionOn(shared);
  for (const limit of [0, 101, 1.5, NaN]) {
    await assert.rejects(collection.find("x", { limit }), /limit is/);
  }
});

test("a dropped index is empty, and can be filled again", async () => {
  const collection = collectionOn(shared);
  const { db, search, indexId } = collection;
  const [key] = await collection.put([{ id: "a", texts: ["first life"] }]);
  assert.deepEqual(await collection.find("life"), ["a"]);
  await db.write((trx) => search.dropIndex(trx, indexId));
  assert.deepEqual(await collection.find("life"), []);
  assert.equal((await search.stats(indexId)).sizeBytes, 0);
  await collection.put([{ id: "a", texts: ["second life"] }]);
  const [passage] = await collection.passages("life");
  assert.deepEqual([passage?.documentKey, passage?.text], [key, "second life"]);
});
