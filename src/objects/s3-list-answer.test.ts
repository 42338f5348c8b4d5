import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import * as fc from "fast-check";
import { parseListing, readAnswerOf, type S3Listing } from "./s3-list-answer.ts";

/** Asks for a listing whose answer is `xml`, and has it read here or by the SDK. */
type Client = Readonly<Record<"own" | "sdk", (xml: string) => Promise<S3Listing>>>;

/** A client, and a server that answers whatever it is to answer. */
async function startClient(t: TestContext, status = 200): Promise<Client> {
  let body = "";
  const server = createServer((_, response) => void response.writeHead(status).end(body));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
    forcePathStyle: true,
    maxAttempts: 1,
  });
  t.after(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  const used = ({
    Contents,
    EncodingType,
    IsTruncated,
    NextContinuationToken,
  }: S3Listing): S3Listing => {
    const contents = (Contents ?? []).map((object) => {
      const { Key, Size, ETag, LastModified, StorageClass } = object;
      return { Key, Size, ETag, LastModified, StorageClass };
    });
    return { Contents: contents, EncodingType, IsTruncated, NextContinuationToken };
  };
  const ask = async (xml: string, command: ListObjectsV2Command): Promise<S3Listing> => {
    body = xml;
    return await client.send(command);
  };
  return {
    own: async (xml) => {
      const command = new ListObjectsV2Command({ Bucket: "b" });
      const read = readAnswerOf(command);
      await ask(xml, command);
      return read();
    },
    sdk: async (xml) => used(await ask(xml, new ListObjectsV2Command({ Bucket: "b" }))),
  };
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const contents = (inner: string): string => `<Contents>${inner}</Contents>`;
const listing = (inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`;

const object = fc
  .record({
    key: fc.string({ unit: fc.constantFrom(..."aß日\u{1F600}&<>\"'/ +%"), minLength: 1 }),
    size: fc.nat(),
    etag: fc.stringMatching(/^[0-9a-f]{32}(-\d{1,3})?$/),
    modified: fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }),
    storageClass: fc.constantFrom(undefined, "STANDARD", "GLACIER", "OF_ANOTHER_STORE"),
    more: fc.constantFrom(
      "",
      "<ChecksumAlgorithm/>",
      "<Owner><ID>me</ID><DisplayName>Key</DisplayName></Owner>",
      "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>",
      "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress></RestoreStatus>\n  ",
    ),
  })
  .map(({ key, size, etag, modified, storageClass, more }) =>
    contents(
      `${more}<Key>${escaped(key)}</Key><LastModified>${modified.toISOString()}</LastModified>` +
        `<ETag>&quot;${etag}&quot;</ETag><Size>${size}</Size>` +
        (storageClass === undefined ? "" : `<StorageClass>${storageClass}</StorageClass>`),
    ),
  );

test("a listing says the same here as to the SDK, whatever is in it", async (t) => {
  const client = await startClient(t);
  const law = fc.asyncProperty(
    fc.array(object, { maxLength: 5 }),
    fc.constantFrom("", "<EncodingType>url</EncodingType>"),
    fc.option(fc.string({ unit: fc.constantFrom(..."aß&<+/=") })),
    fc.constantFrom("", "\n  ", "<!-- of a store -->"),
    fc.constantFrom("", "<Prefix/>", "<Prefix></Prefix>", "<Marker/><Prefix />\n"),
    async (objects, encoding, token, gap, prefix) => {
      const cut = `<IsTruncated>${token !== null}</IsTruncated>`;
      const next = token && `<NextContinuationToken>${escaped(token)}</NextContinuationToken>`;
      const prefixes = "<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes><Key>not of one</Key>";
      const xml = listing(prefix + [encoding, ...objects, cut, next ?? "", prefixes].join(gap));
      assert.deepEqual(await client.own(xml), await client.sdk(xml));
    },
  );
  await fc.assert(law, { numRuns: 60 });
});

test("what lies deeper in an object, or elsewhere under its name, is none of it", async (t) => {
  const client = await startClient(t);
  const deeper = "<Owner><Key>of its owner</Key><Size>2</Size></Owner>";
  const elsewhere = `<Others>${contents("<Key>of others</Key>")}</Others>`;
  const one = contents(`<Key>a</Key><Size>1</Size>${deeper}`);
  const xml = listing(`<IsTruncated>false</IsTruncated>${elsewhere}${one}${elsewhere}`);
  const read = await client.own(xml);
  assert.deepEqual(
    read.Contents?.map(({ Key, Size }) => [Key, Size]),
    [["a", 1]],
  );
  assert.deepEqual(read, await client.sdk(xml));
});

test("what is no whole listing does not pass for an empty one", async (t) => {
  const client = await startClient(t);
  const ended = "<IsTruncated>false</IsTruncated>";
  const one = contents("<Key>a</Key><Size>1</Size>");
  const whole = listing(ended + one);
  assert.equal((await client.own(whole)).Contents?.length, 1);
  const refused: readonly (readonly [string, RegExp])[] = [
    ["", /no listing/],
    ["<html><body>Sign in to the hotel's network</body></html>", /no listing/],
    ["<Error><Code>InternalError</Code></Error>", /no listing/],
    [whole.slice(0, -10), /cut/],
    [whole.slice(0, -30), /cut/],
    [listing(one), /may be cut or not/],
    [listing(`<IsTruncated>perhaps</IsTruncated>${one}`), /may be cut or not/],
    [listing(ended + contents("<Key>a</Key><Size>-1</Size>")), /impossible size/],
    [listing(ended + contents(`<Size>${"9".repeat(16)}</Size>`)), /impossible size/],
    [listing(ended + contents("<LastModified>soon</LastModified>")), /impossible size or date/],
  ];
  for (const [xml, reason] of refused) {
    assert.throws(() => parseListing(xml), reason);
    await assert.rejects(client.own(xml), { message: /Deserialization error: / });
  }
});

test("an answer without content is no empty listing", async (t) => {
  const client = await startClient(t, 204);
  await assert.rejects(client.own(""), /Deserialization error: it was not answered/);
});

test("an answer longer than any listing is given up while it comes", async (t) => {
  const client = await startClient(t);
  const xml = listing(`<IsTruncated>false</IsTruncated>${" ".repeat(13 * 1024 * 1024)}`);
  await assert.rejects(client.own(xml), /Deserialization error: .*too long for a listing/);
});
