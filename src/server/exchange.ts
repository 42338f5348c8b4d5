import type { IncomingMessage, ServerResponse } from "node:http";
import { constants as http2, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { Readable } from "node:stream";
import type { HeaderList } from "../sigv4/sigv4.ts";

/** One request, whichever version of HTTP it came by. */
export type Incoming = {
  readonly method: string;
  /** As on the wire: never decoded, never normalised. */
  readonly rawTarget: string;
  /** Wire order, names in lower case, pseudo headers included. */
  readonly headers: HeaderList;
  readonly httpVersion: "1.1" | "2";
  readonly isSecure: boolean;
  readonly remoteAddress: string;
  /** The host that the client called, in lower case, with its port. */
  readonly host: string;
  readonly body: Readable;
  /** Aborted when the client goes away before the answer is complete. */
  readonly signal: AbortSignal;
};

/** An answer. A stream is sent as it comes; its first bytes go out at once. */
export type Outgoing = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array | string | AsyncIterable<Uint8Array>;
};

/** The value of a header that may stand once; the first where it stands more often. */
export function headerOf(incoming: Pick<Incoming, "headers">, name: string): string | undefined {
  return incoming.headers.find(([header]) => header === name)?.[1];
}

type NodeRequest = IncomingMessage | Http2ServerRequest;
type NodeResponse = ServerResponse | Http2ServerResponse;

/** Reads Node's request object into ours. */
export function incomingOf(request: NodeRequest, response: NodeResponse): Incoming {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort(new Error("The client closed the connection."));
  });
  const headers = headerListOf(request.rawHeaders);
  const socket = request.socket;
  const isHttp2 = request.httpVersionMajor === 2;
  const authority = headers.find(([name]) => name === (isHttp2 ? ":authority" : "host"))?.[1];
  return {
    method: request.method ?? "",
    rawTarget: originForm(request.url ?? ""),
    headers,
    httpVersion: isHttp2 ? "2" : "1.1",
    isSecure: "encrypted" in socket && socket.encrypted === true,
    remoteAddress: socket.remoteAddress ?? "",
    host: (authority ?? "").toLowerCase(),
    body: request,
    signal: gone.signal,
  };
}

function headerListOf(raw: readonly string[]): HeaderList {
  const list: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    list.push([(raw[index] ?? "").toLowerCase(), raw[index + 1] ?? ""]);
  }
  return list;
}

/** Proxies send the absolute form (`GET http://host/path`); only path and query count. */
function originForm(target: string): string {
  const scheme = /^https?:\/\//i.exec(target);
  if (scheme === null) return target;
  const slash = target.indexOf("/", scheme[0].length);
  return slash === -1 ? "/" : target.slice(slash);
}

/** Sends an answer; resolves when it has left, or rejects when the client went away. */
export async function send(response: NodeResponse, answer: Outgoing): Promise<void> {
  const { status, headers, body } = answer;
  if ("stream" in response && !response.req.complete) await swallowRest(response.req);
  // The two classes overload these methods differently; both take what is given here.
  const plain = response as ServerResponse;
  if (typeof body === "string" || body instanceof Uint8Array) {
    const length = Buffer.byteLength(body);
    plain.writeHead(status, { ...headersOf(headers), "content-length": String(length) });
    // A text leaves in one write with the headers, bytes in a second one. One that is all ASCII is
    // the same in both encodings, and Latin-1 is written as it stands.
    if (typeof body === "string") plain.end(body, length === body.length ? "latin1" : "utf8");
    else plain.end(body);
  } else {
    plain.writeHead(status, headersOf(headers));
    await sendStream(response, body);
  }
  if (!response.req.complete) discardRest(response);
}

function headersOf(headers: Outgoing["headers"]): Record<string, string | string[]> {
  return headers as Record<string, string | string[]>;
}

const heldBytesMax = 8 * 1024 * 1024;
const silenceMs = 250;
const swallowMs = 10_000;

/**
 * Waits for the rest of a large body, and throws it away, as long as it keeps coming. Node's client
 * of HTTP/2 takes no answer while it holds more than some 10 MB that it has not sent: it ends the
 * stream with ENHANCE_YOUR_CALM, and the JavaScript SDK never gets to see why it was refused.
 */
async function swallowRest(request: Http2ServerRequest): Promise<void> {
  const declaredBytes = Number(request.headers["content-length"] ?? 0);
  if (!(declaredBytes > heldBytesMax)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const silence = setTimeout(resolve, silenceMs);
  const limit = setTimeout(resolve, swallowMs);
  const goOn = (): void => void silence.refresh();
  request.on("data", goOn);
  for (const event of ["end", "close", "error"]) request.once(event, () => resolve());
  request.resume();
  await promise;
  request.off("data", goOn);
  clearTimeout(silence);
  clearTimeout(limit);
}

const lingerMs = 1000;

/**
 * Throws away what is left of a body that nobody wants, for a moment, so that its client gets to
 * read the answer; then stops it. An unread body would hold the connection until a time limit.
 */
function discardRest(response: NodeResponse): void {
  const { req: request } = response;
  const stop = setTimeout(() => {
    if ("stream" in response) response.stream.close(http2.NGHTTP2_NO_ERROR);
    else request.socket.destroy();
  }, lingerMs);
  for (const event of ["end", "close"]) request.once(event, () => clearTimeout(stop));
  request.resume();
}

async function sendStream(
  response: NodeResponse,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const closed = new Promise<void>((resolve) => response.once("close", () => resolve()));
  for await (const chunk of chunks) {
    if (response.destroyed || response.writableEnded) break;
    // The two classes overload `write` differently; both take a chunk alone.
    const isRoomLeft = (response as ServerResponse).write(chunk);
    if (!isRoomLeft) {
      const drained = new Promise<void>((resolve) => response.once("drain", () => resolve()));
      await Promise.race([drained, closed]);
    }
  }
  response.end();
}
