import { createHash, createHmac, type Hash } from "node:crypto";
import { createServer as createHttp1, type IncomingMessage } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import type { HeaderList, WireRequest } from "../request.ts";

// Catches requests of real clients on a loopback socket, for the tests to verify.

/** A request as it came, with its body. */
export type CaughtRequest = WireRequest & { readonly body: Buffer };

/** What a client does with the endpoint it is given. */
export type Client = (endpoint: string) => Promise<unknown>;

/** Catches what `client` sends first over cleartext HTTP/2. Whether the call succeeds is no matter. */
export async function catchHttp2(client: Client): Promise<CaughtRequest> {
  const { promise, resolve } = Promise.withResolvers<CaughtRequest>();
  const server = createHttp2();
  server.on("stream", (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => {
      const list = Object.entries(headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((one) => [name, one] as const),
      );
      const { ":method": method = "", ":path": rawTarget = "" } = headers;
      resolve({ method, rawTarget, headers: list, body: Buffer.concat(parts) });
      stream.respond({ ":status": 200, "content-type": "application/json" });
      stream.end("{}");
    });
    stream.on("error", () => undefined);
  });
  return await catchOn(server, client, promise);
}

/** The same over HTTP/1.1. */
export async function catchHttp1(client: Client): Promise<CaughtRequest> {
  const { promise, resolve } = Promise.withResolvers<CaughtRequest>();
  const server = createHttp1((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { method = "", url = "" } = request;
      resolve({ method, rawTarget: url, headers: pairsOf(request), body: Buffer.concat(parts) });
      response.setHeader("content-type", "application/json").setHeader("connection", "close");
      response.end("{}");
    });
  });
  return await catchOn(server, client, promise);
}

type Server = {
  listen(port: number, host: string, then: () => void): unknown;
  address(): AddressInfo | string | null;
  close(): unknown;
};

async function catchOn(
  server: Server,
  client: Client,
  caught: Promise<CaughtRequest>,
): Promise<CaughtRequest> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  try {
    const call = client(`http://127.0.0.1:${port}`).catch((error: unknown) => error);
    const failed = call.then(() => Promise.reject(new Error("The client sent nothing.")));
    const request = await Promise.race([caught, failed]);
    await call;
    return request;
  } finally {
    server.close();
  }
}

function pairsOf({ rawHeaders }: IncomingMessage): HeaderList {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return pairs;
}

/** SHA-256, and HMAC when made with a secret, in the form that the SDK's signer takes. */
export const sha256Of = class {
  #hash: Hash | ReturnType<typeof createHmac>;
  constructor(secret?: unknown) {
    this.#hash =
      secret === undefined ? createHash("sha256") : createHmac("sha256", toBytes(secret));
  }
  update(chunk: unknown): void {
    this.#hash.update(toBytes(chunk));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    throw new Error("The signer does not use a hash twice.");
  }
};

function toBytes(source: unknown): Buffer | Uint8Array {
  if (typeof source === "string") return Buffer.from(source, "utf8");
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return Buffer.from(source);
  throw new TypeError("neither text nor bytes");
}
