// An S3 server whose bucket a test writes as a script, with everything that can go wrong on the way.
// Independent of `src/`: what it believes of the protocol is its own.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One object as the store keeps it. */
export type StoredObject = {
  readonly content: Buffer;
  /** Of parts, where it was uploaded in parts; without quotation marks. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly storageClass?: string;
};

/** What a request meets instead of its answer. */
export type Trouble =
  /** An error answer. */
  | { readonly kind: "error"; readonly status: number; readonly code: string; message?: string }
  /** The connection is reset before anything comes. */
  | { readonly kind: "reset" }
  /** Half of the body comes, then the connection is reset. */
  | { readonly kind: "cut" }
  /** The body ends early, in good order, with a length that promises more. */
  | { readonly kind: "short" }
  /** Nothing comes for so long; 0 means for ever. */
  | { readonly kind: "slow"; readonly ms: number };

/** What a request asks for. */
export type Asked = {
  readonly kind: "list" | "get" | "head" | "bucket";
  readonly key: string;
  /** Whether a listing goes on after its first page. */
  readonly isLaterPage: boolean;
};

/** The server; whatever is set on it counts from the next request on. */
export type BucketServer = AsyncDisposable & {
  readonly endpoint: string;
  readonly bucket: string;
  readonly objects: Map<string, StoredObject>;
  readonly asked: Asked[];
  pageKeysMax: number;
  /** Lists the second half of the keys first, as stores do that sort otherwise. */
  isDisordered: boolean;
  /** Asked before each answer; may change the bucket, too. */
  trouble: (asked: Asked) => Trouble | undefined;
  /** Uploads whole, or in two parts, whose etag is no hash of the content. */
  readonly put: (key: string, content: string | Buffer, parts?: 1 | 2) => void;
  /** Another date, and nothing else. */
  readonly touch: (key: string) => void;
};

/** Environment of a server that is to reach it: it takes any key. */
export const bucketServerEnv = { AWS_ACCESS_KEY_ID: "ANY", AWS_SECRET_ACCESS_KEY: "any" };

/** Starts it with one bucket. */
export async function startBucketServer(bucket = "scripted"): Promise<BucketServer> {
  let clock = Date.UTC(2026, 0, 1);
  const objects = new Map<string, StoredObject>();
  const stamp = (): Date => new Date((clock += 1000));
  const http = createServer((request, response) => respond(server, request, response));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const server: BucketServer = {
    endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    bucket,
    objects,
    asked: [],
    pageKeysMax: 1000,
    isDisordered: false,
    trouble: () => undefined,
    put: (key, text, parts = 1) => {
      const content = Buffer.from(text);
      const etag = parts === 1 ? md5(content) : `${md5(`parts of ${md5(content)}`)}-${parts}`;
      objects.set(key, { content, etag, lastModified: stamp() });
    },
    touch: (key) => {
      const object = objects.get(key);
      if (object !== undefined) objects.set(key, { ...object, lastModified: stamp() });
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
  return server;
}

const md5 = (content: Buffer | string): string => createHash("md5").update(content).digest("hex");

function respond(server: BucketServer, request: IncomingMessage, response: ServerResponse): void {
  const [path = "", search = ""] = (request.url ?? "").split("?");
  const query = new URLSearchParams(search);
  const [, bucket = "", ...rest] = path.split("/");
  const key = decodeURIComponent(rest.join("/"));
  const isHead = request.method === "HEAD";
  const kind = key === "" ? (isHead ? "bucket" : "list") : isHead ? "head" : "get";
  const asked = { kind, key, isLaterPage: query.has("continuation-token") } as const;
  server.asked.push(asked);
  const trouble = server.trouble(asked);
  const answer = (): void => {
    if (bucket !== server.bucket) return error(response, 404, "NoSuchBucket");
    if (kind === "bucket") return void response.end();
    if (kind === "list") return send(response, listing(server, query), trouble);
    giveObject(server, { key, ifMatch: request.headers["if-match"], isHead }, response, trouble);
  };
  if (trouble?.kind === "reset") return void request.socket.resetAndDestroy();
  if (trouble?.kind === "error") {
    return error(response, trouble.status, trouble.code, trouble.message);
  }
  if (trouble?.kind !== "slow") return answer();
  if (trouble.ms > 0) setTimeout(answer, trouble.ms);
}

function error(response: ServerResponse, status: number, code: string, message = ""): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

function giveObject(
  { objects }: BucketServer,
  asked: { readonly key: string; readonly ifMatch: string | undefined; readonly isHead: boolean },
  response: ServerResponse,
  trouble: Trouble | undefined,
): void {
  const object = objects.get(asked.key);
  if (object === undefined) {
    // As a versioned bucket says it of an object whose newest version is a delete marker.
    response.setHeader("x-amz-delete-marker", "true");
    return error(response, 404, "NoSuchKey");
  }
  const etag = `"${object.etag}"`;
  if (asked.ifMatch !== undefined && asked.ifMatch !== etag) {
    return error(response, 412, "PreconditionFailed");
  }
  if (object.storageClass === "GLACIER" && !asked.isHead) {
    return error(response, 403, "InvalidObjectState");
  }
  response.setHeader("etag", etag);
  response.setHeader("last-modified", object.lastModified.toUTCString());
  response.setHeader("content-type", "application/octet-stream");
  if (asked.isHead) return void response.setHeader("content-length", object.content.length).end();
  send(response, object.content, trouble);
}

function send(
  response: ServerResponse,
  content: Buffer | string,
  trouble: Trouble | undefined,
): void {
  const body = Buffer.from(content);
  response.setHeader("content-length", body.length);
  const half = body.subarray(0, Math.floor(body.length / 2));
  if (trouble?.kind === "cut") {
    response.write(half, () => response.socket?.resetAndDestroy());
  } else if (trouble?.kind === "short") {
    response.write(half, () => response.socket?.end());
  } else response.end(body);
}

function listing(server: BucketServer, query: URLSearchParams): string {
  const { objects, pageKeysMax } = server;
  const keys = keysFrom(server, query);
  const page = keys.slice(0, pageKeysMax);
  const isCut = keys.length > page.length;
  const token = Buffer.from(page.at(-1) ?? "").toString("base64url");
  const next = isCut ? `<NextContinuationToken>${token}</NextContinuationToken>` : "";
  const isEncoded = query.get("encoding-type") === "url";
  const contents = page.map((key) => {
    const { content, etag, lastModified, storageClass = "STANDARD" } = objects.get(key) ?? gone;
    return (
      `<Contents><Key>${isEncoded ? formEncoded(key) : escapeXml(key)}</Key>` +
      `<LastModified>${lastModified.toISOString()}</LastModified><ETag>&quot;${etag}&quot;</ETag>` +
      `<Size>${content.length}</Size><StorageClass>${storageClass}</StorageClass></Contents>`
    );
  });
  const encoding = isEncoded ? "<EncodingType>url</EncodingType>" : "";
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>${encoding}<IsTruncated>${isCut}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`;
}

/** The keys that a listing still has to name. */
function keysFrom({ objects, isDisordered }: BucketServer, query: URLSearchParams): string[] {
  const after = Buffer.from(query.get("continuation-token") ?? "", "base64url");
  const keys = [...objects.keys()]
    .filter((key) => key.startsWith(query.get("prefix") ?? ""))
    .map((key) => ({ key, bytes: Buffer.from(key) }))
    .filter(({ bytes }) => isDisordered || Buffer.compare(bytes, after) > 0)
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ key }) => key);
  if (!isDisordered) return keys;
  const swapped = [...keys.slice(keys.length >> 1), ...keys.slice(0, keys.length >> 1)];
  return swapped.slice(swapped.indexOf(after.toString()) + 1);
}

const gone: StoredObject = { content: Buffer.alloc(0), etag: "", lastModified: new Date(0) };

/** As Amazon S3 encodes keys in listings: form encoding, with slashes left alone. */
function formEncoded(key: string): string {
  return encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
