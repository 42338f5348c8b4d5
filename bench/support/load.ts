// A load generator: a process of its own that sends signed requests, made beforehand, as fast as
// the server answers. Run by `runLoad`; its orders come as one message.
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { type Credentials, sign } from "../../src/sigv4/sigv4.ts";

/** What to send, where, and for how long. */
export type LoadOrder = {
  readonly protocol: "http/1.1" | "h2";
  readonly url: string;
  readonly path: string;
  readonly key: Credentials;
  readonly connections: number;
  readonly durationMs: number;
};

/** What came of it. */
export type LoadResult = {
  readonly requests: number;
  readonly ms: number;
  /** Answers that were no 200. */
  readonly failures: number;
};

/** Different requests, so that no two in flight are the same bytes. */
const requestsPrepared = 500;

/** Loads a server from a process of its own. */
export async function runLoad(order: LoadOrder): Promise<LoadResult> {
  const child = fork(fileURLToPath(import.meta.url), { execArgv: [] });
  try {
    child.send(order);
    const [answer] = (await once(child, "message")) as [LoadResult];
    return answer;
  } finally {
    child.kill();
  }
}

/** Headers as the JavaScript SDK sends them, signed. */
function headersOf(order: LoadOrder, ordinal: number): readonly (readonly [string, string])[] {
  const isHttp2 = order.protocol === "h2";
  const host = new URL(order.url).host;
  return sign(
    {
      method: "GET",
      rawTarget: order.path,
      headers: [
        [isHttp2 ? ":authority" : "host", host],
        ["amz-sdk-invocation-id", `00000000-0000-4000-8000-${String(ordinal).padStart(12, "0")}`],
        ["amz-sdk-request", "attempt=1; max=3"],
        ["user-agent", "aws-sdk-js/3.1050.0 os/linux#6.18 lang/js md/nodejs#24.21.0"],
        ["accept", "*/*"],
      ],
    },
    order.key,
    { service: "qbusiness", region: "us-east-1", now: new Date() },
  ).headers;
}

async function load(order: LoadOrder): Promise<LoadResult> {
  const state: State = { requests: 0, failures: 0, until: 0 };
  const send = order.protocol === "h2" ? prepareHttp2(order) : prepareHttp1(order);
  const start = performance.now();
  state.until = start + order.durationMs;
  keepAwake(state);
  await Promise.all(Array.from({ length: order.connections }, () => send(state)));
  return { requests: state.requests, failures: state.failures, ms: performance.now() - start };
}

/**
 * Turns between answers. A generator that sleeps has to be woken by every answer, and whoever sends
 * it pays for that: more than an answer costs, on some machines, and the slower server every time.
 */
function keepAwake({ until }: State): void {
  const turn = (): void => {
    if (performance.now() < until) setImmediate(turn);
  };
  turn();
}

type State = { requests: number; failures: number; until: number };

/** One keep-alive connection: the next request leaves when the answer before it is complete. */
function prepareHttp1(order: LoadOrder): (state: State) => Promise<void> {
  const { hostname, port } = new URL(order.url);
  const requests = Array.from({ length: requestsPrepared }, (_, ordinal) => {
    const lines = headersOf(order, ordinal).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.from(`GET ${order.path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  });
  let turn = 0;
  return async (state) => {
    const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, "connect");
    const done = Promise.withResolvers<void>();
    socket.on("error", done.reject);
    const next = (): void => {
      turn = (turn + 1) % requests.length;
      socket.write(requests[turn] ?? "");
    };
    let seen = "";
    socket.on("data", (bytes: Buffer) => {
      seen += bytes.toString("latin1");
      const head = seen.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/^content-length: (\d+)/im.exec(seen)?.[1] ?? NaN);
      if (seen.length < head + 4 + length) return;
      state.requests += 1;
      if (!seen.startsWith("HTTP/1.1 200")) state.failures += 1;
      seen = "";
      if (performance.now() < state.until) next();
      else done.resolve();
    });
    next();
    await done.promise;
    socket.destroy();
  };
}

/** One session for all, as the SDK keeps it; each `connection` is one stream at a time. */
function prepareHttp2(order: LoadOrder): (state: State) => Promise<void> {
  const requests = Array.from({ length: requestsPrepared }, (_, ordinal) =>
    Object.fromEntries([[":path", order.path], ...headersOf(order, ordinal)]),
  );
  let session: ClientHttp2Session | undefined;
  let turn = 0;
  let open = order.connections;
  return async (state) => {
    session ??= connectHttp2(order.url);
    while (performance.now() < state.until) {
      turn = (turn + 1) % requests.length;
      const stream = session.request(requests[turn]);
      stream.resume();
      const [headers] = (await once(stream, "response")) as [{ readonly ":status"?: number }];
      await once(stream, "close");
      state.requests += 1;
      if (headers[":status"] !== 200) state.failures += 1;
    }
    open -= 1;
    if (open === 0) session.close();
  };
}

if (import.meta.main) {
  process.once("message", (order: LoadOrder) => {
    void load(order).then((result) => process.send?.(result));
  });
}
