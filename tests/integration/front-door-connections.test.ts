import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { BatchPutDocumentCommand, ListApplicationsCommand } from "@aws-sdk/client-qbusiness";
import { qbusiness, qbusinessHttp1, refusal } from "../support/clients.ts";
import { testServer, type TestServer } from "../support/test-server.ts";
import { open, readAll, signed } from "../support/raw-requests.ts";

let server: TestServer;

async function health(): Promise<void> {
  const response = await fetch(`${server.url}/health`);
  assert.deepEqual([response.status, await response.json()], [200, { status: "ok" }]);
}

describe("connections", () => {
  before(async () => {
    server = await testServer();
  });
  after(() => server[Symbol.asyncDispose]());

  test("answers a declared size that is too large without waiting for it, on both protocols", async () => {
    const size = String(200 * 1024 * 1024);
    const target = "/applications/11111111-2222-4333-8444-555555555555/indices";
    const socket = open(server);
    const { headers } = signed(server, {
      method: "POST",
      target,
      headers: { "content-length": size },
    });
    const lines = Object.entries(headers as Record<string, string>).map(([n, v]) => `${n}: ${v}`);
    const { host } = new URL(server.url);
    socket.write(`POST ${target} HTTP/1.1\r\nhost: ${host}\r\n${lines.join("\r\n")}\r\n\r\nabc`);
    const [first] = (await once(socket, "data")) as [Buffer];
    assert.match(first.toString(), /^HTTP\/1.1 413 [^]*RequestEntityTooLargeException/);
    socket.destroy();
    const session = connectHttp2(server.url);
    const sent = headers as Record<string, string>;
    const stream = session.request({ ":method": "POST", ":path": target, ...sent, host });
    stream.on("error", () => undefined);
    const [answer] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.equal(answer[":status"], 413);
    session.destroy();
    await health();
  });

  test("lets the JavaScript client see why a large request is refused", async () => {
    const id = "11111111-2222-4333-8444-555555555555";
    const putOf = (sizeBytes: number) =>
      new BatchPutDocumentCommand({
        applicationId: id,
        indexId: id,
        documents: [{ id: "large", content: { blob: Buffer.alloc(sizeBytes, "a") } }],
      });
    const tooLarge = await refusal(qbusiness(server).send(putOf(80 * 1024 * 1024)));
    assert.deepEqual([tooLarge.name, tooLarge.status], ["RequestEntityTooLargeException", 413]);
    assert.match(tooLarge.message, /content\.s3/);
    const stranger = { accessKeyId: "AKIA0000000000000000", secretAccessKey: "x".repeat(40) };
    const unknown = await refusal(qbusiness(server, stranger).send(putOf(30 * 1024 * 1024)));
    assert.equal(unknown.status, 403);
    await health();
  });

  test("stops reading a body without a declared size at the limit", async () => {
    const target = "/applications/11111111-2222-4333-8444-555555555555/indices";
    const { url, method, headers } = signed(server, { method: "POST", target, body: "x" });
    const sent = headers as Record<string, string>;
    const block = Buffer.alloc(1024 * 1024);
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        yield block;
        await sleep(0);
      }
    }
    const session = connectHttp2(server.url);
    try {
      const stream = session.request({ ":method": method, ":path": target, ...sent, host: "x" });
      stream.on("error", () => undefined);
      const answered = once(stream, "response");
      void (async () => {
        for await (const bytes of endless()) {
          if (stream.destroyed || stream.writableEnded) return;
          if (!stream.write(bytes)) await Promise.race([once(stream, "drain"), sleep(50)]);
        }
      })().catch(() => undefined);
      const [answer] = (await answered) as [Record<string, unknown>];
      assert.ok([403, 413].includes(Number(answer[":status"])), String(answer[":status"]));
      stream.destroy();
    } finally {
      session.destroy();
    }
    const { host } = new URL(url);
    const socket = open(server);
    const lines = Object.entries(sent).map(([n, v]) => `${n}: ${v}`);
    socket.write(
      `POST ${target} HTTP/1.1\r\nhost: ${host}\r\ntransfer-encoding: chunked\r\n${lines.join("\r\n")}\r\n\r\n`,
    );
    const answered = once(socket, "data") as Promise<[Buffer]>;
    const frame = Buffer.concat([Buffer.from("100000\r\n"), block, Buffer.from("\r\n")]);
    const upload = async (): Promise<void> => {
      for (let sentBlocks = 0; sentBlocks < 130; sentBlocks += 1) {
        if (socket.destroyed) return;
        if (!socket.write(frame)) await Promise.race([once(socket, "drain"), sleep(50)]);
      }
    };
    void upload().catch(() => undefined);
    const [first] = await answered;
    assert.match(first.toString("latin1"), /^HTTP\/1.1 413 /);
    socket.destroy();
    await health();
  });

  test("garbage on the port is cut off, and the server goes on", async () => {
    for (const garbage of [
      "\0\0\0\0\0",
      "\x16\x03\x01\x02\0\x01",
      "GET",
      "PRX\r\n\r\n",
      "\r\n\r\n\r\n",
    ]) {
      const socket = open(server);
      socket.end(garbage);
      const answer = await readAll(socket);
      assert.ok(answer === "" || answer.startsWith("HTTP/1.1 400"), JSON.stringify(answer));
    }
    const socket = open(server);
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(Buffer.alloc(5000, 0xff));
    await readAll(socket);
    await health();
  });

  test("W1: knows HTTP/2 by its preface, one byte at a time, and HTTP/1.1 likewise", async () => {
    const socket = open(server);
    socket.setNoDelay(true);
    const session = connectHttp2(server.url, {
      createConnection: () => {
        const write = socket.write.bind(socket);
        // The preface crawls over the wire; what follows it comes as it is.
        let isFirst = true;
        socket.write = ((bytes: Uint8Array, ...rest: never[]) => {
          if (!isFirst) return write(bytes, ...rest);
          isFirst = false;
          for (const byte of bytes) write(Uint8Array.of(byte));
          return write(new Uint8Array(), ...rest);
        }) as typeof socket.write;
        return socket;
      },
    });
    const stream = session.request({ ":path": "/health" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.equal(headers[":status"], 200);
    session.destroy();

    const preface = open(server);
    preface.setNoDelay(true);
    for (const letter of "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
      preface.write(letter);
      await sleep(1);
    }
    preface.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    const [settings] = (await once(preface, "data")) as [Buffer];
    assert.equal(settings[3], 4, "the server's first frame is SETTINGS");
    preface.destroy();

    const plain = open(server);
    plain.setNoDelay(true);
    for (const letter of "GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n") {
      plain.write(letter);
    }
    assert.match(await readAll(plain), /^HTTP\/1.1 200 /);
  });

  test("200 connections at once are served, over both protocols", async () => {
    const http1 = qbusinessHttp1(server);
    const calls = Array.from({ length: 200 }, async (_, n) => {
      const client = n % 2 === 0 ? qbusiness(server) : http1;
      const { applications } = await client.send(new ListApplicationsCommand({}));
      assert.ok(applications);
      if (n % 2 === 0) client.destroy();
    });
    await Promise.all(calls);
    await health();
  });

  test("many idle connections do not keep others out", async () => {
    const idle = Array.from({ length: 300 }, () => open(server));
    await Promise.all(idle.map((socket) => once(socket, "connect")));
    for (const socket of idle) socket.write("GET /hea");
    await health();
    for (const socket of idle) socket.destroy();
  });
});

describe("time limits and the end", () => {
  test("a request in flight is finished when the server stops, and no new ones are taken", async () => {
    const own = await testServer();
    server = own;
    const body = '{"displayName":"made-while-stopping"}';
    const length = { "content-length": String(body.length) };
    const { headers } = signed(server, { method: "POST", body, headers: length });
    const lines = Object.entries(headers as Record<string, string>).map(([n, v]) => `${n}: ${v}`);
    const { host } = new URL(own.url);
    const socket = open(server);
    socket.write(`POST /applications HTTP/1.1\r\nhost: ${host}\r\n${lines.join("\r\n")}\r\n\r\n`);
    socket.write(body.slice(0, 10));
    await sleep(50);
    const closing = own[Symbol.asyncDispose]();
    await sleep(50);
    const late = await refusal(qbusinessHttp1(own).send(new ListApplicationsCommand({})));
    assert.match(late.message, /ECONNREFUSED/);
    socket.write(body.slice(10));
    assert.match(await readAll(socket), /^HTTP\/1.1 200 [^]*applicationId/);
    await closing;
  });

  test("idle connections of every kind do not hold up the end", async () => {
    const own = await testServer();
    const { hostname, port, host } = new URL(own.url);
    const sockets = [connect(Number(port), hostname), connect(Number(port), hostname)];
    const half = connect(Number(port), hostname);
    const idle = connect(Number(port), hostname);
    half.write("PR");
    idle.write(`GET /health HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    await once(idle, "data");
    const session = connectHttp2(own.url);
    const stream = session.request({ ":path": "/health" });
    await once(stream.resume(), "end");
    const started = performance.now();
    await own[Symbol.asyncDispose]();
    assert.ok(performance.now() - started < 5000, `${performance.now() - started} ms`);
    for (const socket of [...sockets, half, idle]) socket.destroy();
    session.destroy();
  });
});
