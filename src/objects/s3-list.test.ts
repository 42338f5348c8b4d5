import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createS3Buckets } from "./s3-bucket.ts";
import { collect, keysOf } from "./test-listing.test.ts";

const at = { bucket: "b", prefix: "" };
const listing = (inner: string): string => `<ListBucketResult>${inner}</ListBucketResult>`;
const object = (key: string, more = ""): string =>
  `<Contents><Key>${key}</Key><Size>1</Size>${more}</Contents>`;
const cut = (token?: string): string =>
  "<IsTruncated>true</IsTruncated>" +
  (token === undefined ? "" : `<NextContinuationToken>${token}</NextContinuationToken>`);
const ended = "<IsTruncated>false</IsTruncated>";
const encoded = "<EncodingType>url</EncodingType>";

/** A store that gives these answers, one after the other, and then none. */
async function startStore(...answers: readonly string[]) {
  const asked: ServerResponse[] = [];
  const server = createServer((_, response) => {
    const answer = answers[asked.length];
    asked.push(response);
    server.emit("asked");
    if (answer !== undefined) response.end(listing(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const store = createS3Buckets({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
    listingOrder: "bytes",
  });
  return {
    list: (signal?: AbortSignal) => store.list({ ...at, ...(signal && { signal }) }),
    asked,
    untilAsked: async (times: number): Promise<void> => {
      while (asked.length < times) await once(server, "asked");
    },
    async [Symbol.asyncDispose]() {
      store.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

test("a listing that is cut and does not go on is not taken for a whole one", async () => {
  const endings: readonly (readonly string[])[] = [
    [object("a") + cut("again"), object("b") + cut("again")],
    [object("a") + cut("next"), object("b") + cut()],
  ];
  for (const answers of endings) {
    await using store = await startStore(...answers);
    const seen = await collect(store.list(AbortSignal.timeout(5_000)));
    assert.deepEqual(keysOf(seen), ["a", "b"], "what came is given out");
    assert.equal(seen.failed?.failure.kind, "badListing");
    assert.match(seen.failed.failure.message, /does not say where it goes on/);
    assert.equal(store.asked.length, 2);
  }
});

test("a key that is empty, or is no text, ends the listing", async () => {
  for (const bad of ["", "a%FFb", "%"]) {
    await using store = await startStore(encoded + object("a") + object(bad) + ended);
    const { objects, failed } = await collect(store.list());
    assert.deepEqual([objects, failed?.failure.kind], [[], "badListing"], bad);
    assert.match(failed?.failure.message ?? "", /a key that is no UTF-8/);
  }
});

test("keys are decoded where the store has encoded them, and only there", async () => {
  const keys = object("a%2Bb+c") + object("d");
  await using encoding = await startStore(encoded + keys + ended);
  assert.deepEqual(keysOf(await collect(encoding.list())), ["a+b c", "d"]);
  await using plain = await startStore(keys + ended);
  assert.deepEqual(keysOf(await collect(plain.list())), ["a%2Bb+c", "d"]);
});

test("an object's class is told where it is not the usual one", async () => {
  const classOf = (name: string): string => `<StorageClass>${name}</StorageClass>`;
  const objects = object("a") + object("b", classOf("STANDARD")) + object("c", classOf("GLACIER"));
  await using store = await startStore(objects + ended);
  assert.deepEqual(
    (await collect(store.list())).objects.map(({ storageClass }) => storageClass),
    [undefined, undefined, "GLACIER"],
  );
});

test("leaving a listing, or its signal, ends the request for the page ahead", async () => {
  for (const how of ["leaving", "signal"] as const) {
    await using store = await startStore(object("a") + cut("next"));
    const stop = new AbortController();
    const pages = store.list(stop.signal)[Symbol.asyncIterator]();
    assert.equal((await pages.next()).value?.kind, "page");
    await store.untilAsked(2);
    const [, ahead] = store.asked;
    assert.ok(ahead !== undefined && !ahead.destroyed);
    const closed = once(ahead, "close", { signal: AbortSignal.timeout(5_000) });
    if (how === "leaving") await pages.return?.();
    else {
      stop.abort();
      const { value } = await pages.next();
      assert.equal(value?.kind === "failed" && value.failure.kind, "aborted");
    }
    await closed;
  }
});
