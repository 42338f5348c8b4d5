// The peer of the benchmark of requests: Node's own server with no work to do. Forked by
// `startBareServer`; answers every request with the bytes it is told.
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

/** An answer, headers in the order they are sent. */
export type BareAnswer = {
  readonly protocol: "http/1.1" | "h2";
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
};

/** A running bare server. */
export type BareServer = AsyncDisposable & { readonly url: string; readonly pid: number };

/** Starts the peer in a process of its own. */
export async function startBareServer(answer: BareAnswer): Promise<BareServer> {
  const child = fork(fileURLToPath(import.meta.url), { execArgv: [] });
  child.send(answer);
  const [port] = (await once(child, "message")) as [number];
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      const exit = once(child, "exit");
      child.kill();
      await exit;
    },
  };
}

if (import.meta.main) {
  process.once("message", ({ protocol, headers, body }: BareAnswer) => {
    const bytes = Buffer.from(body);
    const listener = (_: unknown, response: ServerResponse | Http2ServerResponse): void => {
      for (const [name, value] of headers) response.setHeader(name, value);
      response.end(bytes);
    };
    const server = protocol === "h2" ? createHttp2Server(listener) : createServer(listener);
    server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  });
}
