// A small S3 server for tests: UTF-8 byte order, If-Match, any key, and faults on demand.
// s3rver stands in for a real store; this one does what s3rver cannot.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly code: string; message?: string }
  /** 200 with a body of another kind, as from a proxy. */
  | { readonly kind: "body"; readonly text: string }
  | { readonly kind: "reset" | "stall" | "cut" };

export type PlainS3Server = AsyncDisposable & {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  /** Further headers of an object's answers, by key. */
  readonly extraHeaders: Map<string, Readonly<Record<string, string>>>;
  readonly requests: string[];
  readonly headers: IncomingMessage["headers"][];
  /** Asked before each request is answered. */
  fault: (path: string) => Fault | undefined;
  pageKeysMax: number;
  ignoresIfMatch: boolean;
};

export async function startPlainS3Server(bucket: string): Promise<PlainS3Server> {
  const server = createServer((request, response) => {
    void answer(plain, bucket, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const plain: PlainS3Server = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: new Map(),
    extraHeaders: new Map(),
    requests: [],
    headers: [],
    fault: () => undefined,
    pageKeysMax: 1000,
    ignoresIfMatch: false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return plain;
}

async function answer(
  plain: PlainS3Server,
  bucket: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  plain.requests.push(`${request.method} ${request.url}`);
  plain.headers.push(request.headers);
  const fault = plain.fault(request.url ?? "");
  if (fault?.kind === "reset") return void request.socket.resetAndDestroy();
  if (fault?.kind === "stall") return;
  if (fault?.kind === "body") return void response.end(fault.text);
  if (fault?.kind === "status") return refuse(response, fault.status, fault.code, fault.message);
  const [, name = "", ...rest] = path.split("/").map(decodeURIComponent);
  if (name !== bucket) return refuse(response, 404, "NoSuchBucket");
  const key = rest.join("/");
  if (key === "") {
    if (request.method === "HEAD") return void response.writeHead(200).end();
    return void response.end(listing(plain, new URLSearchParams(query)));
  }
  const content = plain.objects.get(key);
  if (content === undefined) return refuse(response, 404, "NoSuchKey");
  const etag = `"${createHash("md5").update(content).digest("hex")}"`;
  const match = request.headers["if-match"];
  if (!plain.ignoresIfMatch && match !== undefined && match !== etag) {
    return refuse(response, 412, "PreconditionFailed");
  }
  response.writeHead(200, {
    "content-length": content.length,
    "content-type": "text/plain",
    "last-modified": new Date(1_700_000_000_000).toUTCString(),
    etag,
    ...plain.extraHeaders.get(key),
  });
  if (request.method === "HEAD") return void response.end();
  if (fault?.kind !== "cut") return void response.end(content);
  response.write(content.subarray(0, content.length >> 1), () => request.socket.destroy());
}

function refuse(response: ServerResponse, status: number, code: string, message = ""): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

function listing(plain: PlainS3Server, query: URLSearchParams): string {
  const after = Buffer.from(query.get("continuation-token") ?? "", "base64");
  const keys = [...plain.objects.keys()]
    .filter((key) => key.startsWith(query.get("prefix") ?? ""))
    .filter((key) => Buffer.compare(Buffer.from(key), after) > 0)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const page = keys.slice(0, plain.pageKeysMax);
  const contents = page.map((key) => {
    const content = plain.objects.get(key) ?? Buffer.alloc(0);
    const etag = createHash("md5").update(content).digest("hex");
    const encoded = encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");
    return `<Contents><Key>${encoded}</Key><ETag>&quot;${etag}&quot;</ETag><Size>${content.length}</Size>
      <LastModified>2026-01-02T03:04:05.000Z</LastModified><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const isCut = keys.length > page.length;
  const token = Buffer.from(page.at(-1) ?? "").toString("base64");
  const next = isCut ? `<NextContinuationToken>${token}</NextContinuationToken>` : "";
  return `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType>
    <IsTruncated>${isCut}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`;
}

test("the plain S3 server lists in byte order and cuts its pages", async () => {
  await using server = await startPlainS3Server("b");
  server.pageKeysMax = 1;
  server.objects.set("a/x", Buffer.from("1")).set("a.txt", Buffer.from("2"));
  const page = await (await fetch(`${server.endpoint}/b?list-type=2`)).text();
  assert.match(page, /<IsTruncated>true.*<Key>a\.txt</s);
});
