import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { listen, type RequestListener } from "./listen.ts";

const patience = { firstBytesMs: 150, headersMs: 150, requestMs: 300, checkMs: 30 };
const answer: RequestListener = (request, response) => {
  request.resume();
  request.once("end", () => response.end("done"));
};

async function listening(listener: RequestListener = answer) {
  const bound = await listen(listener, { host: "127.0.0.1", port: 0, patience });
  return {
    port: bound.port,
    url: `http://127.0.0.1:${bound.port}`,
    close: bound.close,
    [Symbol.asyncDispose]: () => bound.close(0),
  };
}

function open(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  return socket;
}

/** What came until the other side closed, and after how many milliseconds it did. */
async function untilClosed(socket: Socket): Promise<{ text: string; afterMs: number }> {
  const started = performance.now();
  let text = "";
  socket.on("data", (bytes: Buffer) => (text += bytes.toString("latin1")));
  // Not `once`: it takes a reset, which is one way to be cut off, for a failure.
  const closed = new Promise<boolean>((resolve) => socket.once("close", () => resolve(true)));
  const isClosed = await Promise.race([closed, sleep(5000, false, { ref: false })]);
  assert.ok(isClosed, "the connection was never closed");
  return { text, afterMs: performance.now() - started };
}

test("a connection that says nothing is closed", async () => {
  await using server = await listening();
  const { text, afterMs } = await untilClosed(open(server.port));
  assert.equal(text, "");
  assert.ok(afterMs >= 100);
});

test("a connection that stops within its first letters is closed", async () => {
  await using server = await listening();
  const socket = open(server.port);
  socket.write("PR");
  assert.equal((await untilClosed(socket)).text, "");
});

test("headers that drip in are cut off, however steadily they drip", async () => {
  await using server = await listening();
  const socket = open(server.port);
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n");
  const drip = setInterval(() => socket.write("x-drip: 1\r\n"), 20);
  const { text, afterMs } = await untilClosed(socket);
  clearInterval(drip);
  // A reset may overtake the answer, because more was on its way to the closed socket.
  if (text !== "") assert.match(text, /^HTTP\/1.1 408 /);
  assert.ok(afterMs < 3000);
});

test("a body that drips in is cut off", async () => {
  await using server = await listening();
  const socket = open(server.port);
  socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n");
  const drip = setInterval(() => socket.write("x"), 20);
  const { text } = await untilClosed(socket);
  clearInterval(drip);
  assert.match(text, /^HTTP\/1.1 408 |^$/);
});

test("an HTTP/2 session that falls silent in a request is cut off", async () => {
  await using server = await listening();
  const session = connectHttp2(server.url);
  session.on("error", () => undefined);
  const stream = session.request({ ":method": "POST", ":path": "/" });
  stream.on("error", () => undefined);
  stream.write("a");
  const started = performance.now();
  await once(session, "close");
  assert.ok(performance.now() - started < 3000);
});

test("headers above 64 KiB are refused", async () => {
  await using server = await listening();
  const socket = open(server.port);
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\nx-long: ${"a".repeat(70_000)}\r\n\r\n`);
  assert.match((await untilClosed(socket)).text, /^HTTP\/1.1 431 /);
});

test("closing waits for requests in flight, and for nothing else", async () => {
  const started = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const server = await listening((request, response) => {
    request.resume();
    started.resolve();
    void go.promise.then(() => response.end("finished"));
  });
  const idle = open(server.port);
  await once(idle, "connect");
  const answered = fetch(server.url).then((response) => response.text());
  await started.promise;
  let isClosed = false;
  const closing = server.close(5000).then(() => (isClosed = true));
  await sleep(80);
  assert.equal(isClosed, false);
  go.resolve();
  assert.equal(await answered, "finished");
  await closing;
});

test("closing cuts what is left when its time is over", async () => {
  const server = await listening(() => undefined);
  const call = fetch(server.url).catch((error: unknown) => error);
  await sleep(50);
  const started = performance.now();
  await server.close(100);
  assert.ok(performance.now() - started < 2000);
  assert.ok((await call) instanceof Error);
});

test("a port that is taken is an error with Node's code", async () => {
  await using server = await listening();
  const again = listen(answer, { host: "127.0.0.1", port: server.port });
  await assert.rejects(again, { code: "EADDRINUSE" });
});
