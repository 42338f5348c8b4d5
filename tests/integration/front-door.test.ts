import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ChatCommand,
  type ChatInputStream,
  ListApplicationsCommand,
  ListPluginsCommand,
} from "@aws-sdk/client-qbusiness";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { hashBody, presign, sign } from "../../src/sigv4/sigv4.ts";
import { iam, qbusiness, qbusinessHttp1, refusal } from "../support/clients.ts";
import { makeSite, makeUser } from "../support/site.ts";
import { testServer, type TestServer } from "../support/test-server.ts";

let server: TestServer;

type Call = {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Off the clock; counted when the request is made, which may be minutes after this file loads. */
  readonly clockMs?: number;
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly scope?: { readonly service: string; readonly region: string };
};

/** Signs a request by hand, as no client would let us. */
function signed(call: Call): RequestInit & { readonly url: string } {
  const { method = "GET", target = "/applications", body = "", clockMs = 0 } = call;
  const now = new Date(Date.now() + clockMs);
  const host = new URL(server.url).host;
  const given = Object.entries(call.headers ?? {});
  const wire = { method, rawTarget: target, headers: [["host", host], ...given] as const };
  const scope = call.scope ?? { service: "qbusiness", region: "us-east-1" };
  const bodyHash = hashBody(Buffer.from(body));
  const { headers } = sign(wire, call.keys ?? server.rootKey, { ...scope, now, bodyHash });
  const sent = headers.filter(([name]) => name !== "host").map(([n, v]) => [n, v] as const);
  return {
    url: server.url + target,
    method,
    headers: Object.fromEntries(sent),
    ...(body === "" ? {} : { body: Buffer.from(body) }),
  };
}

async function send(call: Call) {
  const { url, ...init } = signed(call);
  return read(await fetch(url, init));
}

async function read(response: Response) {
  const text = await response.text();
  const { status, headers } = response;
  const error = headers.get("x-amzn-errortype");
  const isJson = headers.get("content-type") === "application/json";
  const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : undefined;
  return { status, error, text, headers, json };
}

async function health(): Promise<void> {
  const response = await fetch(`${server.url}/health`);
  assert.deepEqual([response.status, await response.json()], [200, { status: "ok" }]);
}

function open(): Socket {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  return socket;
}

/** All that comes until the other side closes. */
async function readAll(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => (text += part));
  if (!socket.destroyed) await once(socket, "close");
  return text;
}

describe("the front door", () => {
  before(async () => {
    server = await testServer();
  });
  after(() => server[Symbol.asyncDispose]());

  const refusals: readonly (Call & { readonly name: string; readonly is: readonly unknown[] })[] = [
    {
      name: "an unknown key",
      keys: { accessKeyId: "AKIAUNKNOWNUNKNOWN22", secretAccessKey: "x" },
      is: [403, "UnrecognizedClientException"],
    },
    {
      name: "an expired signature",
      clockMs: -16 * 60_000,
      is: [403, "InvalidSignatureException"],
    },
    {
      name: "a signature from the future",
      clockMs: 16 * 60_000,
      is: [403, "InvalidSignatureException"],
    },
    {
      name: "another region",
      scope: { service: "qbusiness", region: "eu-west-1" },
      is: [403, "InvalidSignatureException"],
    },
    {
      name: "another service",
      scope: { service: "s3", region: "us-east-1" },
      is: [403, "InvalidSignatureException"],
    },
    {
      name: "a body that is no JSON",
      method: "POST",
      body: "{",
      is: [400, "ValidationException", "CANNOT_PARSE"],
    },
    {
      name: "a body that is nested too deep",
      method: "POST",
      body: `{"displayName":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
      is: [400, "ValidationException", "CANNOT_PARSE"],
    },
    {
      name: "a body that is not UTF-8",
      method: "POST",
      body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
      is: [400, "ValidationException", "CANNOT_PARSE"],
    },
    {
      name: "an unknown path",
      target: "/applications/../nothing",
      is: [400, "ValidationException", "UNKNOWN_OPERATION"],
    },
    {
      name: "a path that was never one",
      target: "/%00%zz//",
      is: [400, "ValidationException", "UNKNOWN_OPERATION"],
    },
    {
      name: "an unknown method",
      method: "PATCH",
      is: [400, "ValidationException", "UNKNOWN_OPERATION"],
    },
  ];
  for (const { name, is, ...call } of refusals) {
    test(`refuses ${name}`, async () => {
      const { status, error, json, headers } = await send(call);
      assert.deepEqual([status, error, json?.["reason"]].slice(0, is.length), is);
      assert.equal(json?.["__type"], error);
      assert.equal(typeof json?.["message"], "string");
      assert.ok(Math.abs(Date.parse(headers.get("date") ?? "") - Date.now()) < 5000);
      assert.ok(headers.get("x-amzn-requestid"));
      await health();
    });
  }

  test("refuses a request without a signature", async () => {
    const { status, error } = await read(await fetch(`${server.url}/applications`));
    assert.deepEqual([status, error], [403, "MissingAuthenticationTokenException"]);
  });

  test("refuses a signature of something else", async () => {
    const { url, ...init } = signed({});
    const other = await read(await fetch(`${url}?maxResults=1`, init));
    assert.deepEqual([other.status, other.error], [403, "InvalidSignatureException"]);
    const wrong = { ...server.rootKey, secretAccessKey: "wrong" };
    const { status, error } = await send({ keys: wrong });
    assert.deepEqual([status, error], [403, "InvalidSignatureException"]);
    const body = signed({ method: "POST", body: '{"displayName":"a"}' });
    const changed = await read(await fetch(body.url, { ...body, body: '{"displayName":"b"}' }));
    assert.deepEqual([changed.status, changed.error], [403, "InvalidSignatureException"]);
    const half = { authorization: "AWS4-HMAC-SHA256 Credential=x" };
    const broken = await read(await fetch(url, { headers: half }));
    assert.deepEqual([broken.status, broken.error], [403, "IncompleteSignatureException"]);
  });

  test("takes a presigned request until it lapses", async () => {
    const { host } = new URL(server.url);
    const wire = { method: "GET", rawTarget: "/applications", headers: [["host", host]] as const };
    const scope = { service: "qbusiness", region: "us-east-1", expiresSeconds: 60 };
    const link = (now: Date) =>
      server.url + presign(wire, server.rootKey, { ...scope, now }).rawTarget;
    assert.equal((await fetch(link(new Date()))).status, 200);
    assert.equal((await fetch(link(new Date(Date.now() - 61_000)))).status, 403);
  });

  test("answers operations that are not built with one modelled error, after authorization", async () => {
    const site = await makeSite(server);
    const { applicationId } = site;
    const refused = await refusal(site.client.send(new ListPluginsCommand({ applicationId })));
    assert.equal(refused.status, 400);
    assert.equal(refused.name, "ValidationException");
    assert.match(refused.message, /ListPlugins/);
    const nobody = qbusiness(server, await makeUser(site.iam));
    const denied = await refusal(nobody.send(new ListPluginsCommand({ applicationId })));
    assert.equal(denied.name, "AccessDeniedException");
  });

  test("answers a declared size that is too large without waiting for it, on both protocols", async () => {
    const size = String(200 * 1024 * 1024);
    const target = "/applications/11111111-2222-4333-8444-555555555555/indices";
    const socket = open();
    const { headers } = signed({ method: "POST", target, headers: { "content-length": size } });
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

  test("stops reading a body without a declared size at the limit", async () => {
    const target = "/applications/11111111-2222-4333-8444-555555555555/indices";
    const { url, method, headers } = signed({ method: "POST", target, body: "x" });
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
    const socket = open();
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

  test("the real client reads the refusal of a chat before it has sent its stream", async () => {
    const site = await makeSite(server);
    const nobody = await makeUser(site.iam);
    for (const client of [qbusiness(server, nobody), qbusinessHttp1(server, nobody)]) {
      async function* slow(): AsyncGenerator<ChatInputStream> {
        yield { textEvent: { userMessage: "Is anybody there?" } } as ChatInputStream;
        await sleep(20);
        yield { endOfInputEvent: {} } as ChatInputStream;
      }
      const { applicationId } = site;
      const call = client.send(new ChatCommand({ applicationId, inputStream: slow() }));
      assert.equal((await refusal(call)).name, "AccessDeniedException");
    }
  });

  test("garbage on the port is cut off, and the server goes on", async () => {
    for (const garbage of [
      "\0\0\0\0\0",
      "\x16\x03\x01\x02\0\x01",
      "GET",
      "PRX\r\n\r\n",
      "\r\n\r\n\r\n",
    ]) {
      const socket = open();
      socket.end(garbage);
      const answer = await readAll(socket);
      assert.ok(answer === "" || answer.startsWith("HTTP/1.1 400"), JSON.stringify(answer));
    }
    const socket = open();
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(Buffer.alloc(5000, 0xff));
    await readAll(socket);
    await health();
  });

  test("W1: knows HTTP/2 by its preface, one byte at a time, and HTTP/1.1 likewise", async () => {
    const socket = open();
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

    const preface = open();
    preface.setNoDelay(true);
    for (const letter of "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
      preface.write(letter);
      await sleep(1);
    }
    preface.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    const [settings] = (await once(preface, "data")) as [Buffer];
    assert.equal(settings[3], 4, "the server's first frame is SETTINGS");
    preface.destroy();

    const plain = open();
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
    const idle = Array.from({ length: 300 }, open);
    await Promise.all(idle.map((socket) => once(socket, "connect")));
    for (const socket of idle) socket.write("GET /hea");
    await health();
    for (const socket of idle) socket.destroy();
  });

  test("W16: dot segments are refused, not folded", async () => {
    const socket = open();
    const { headers } = signed({ target: "/applications" });
    const lines = Object.entries(headers as Record<string, string>).map(([n, v]) => `${n}: ${v}`);
    const { host } = new URL(server.url);
    socket.write(
      `GET /web/../applications HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n${lines.join("\r\n")}\r\n\r\n`,
    );
    assert.match(await readAll(socket), /^HTTP\/1.1 (400|403|404) /);
  });

  test("two signatures, two hosts and a folded header are refused", async () => {
    const { host } = new URL(server.url);
    const { headers } = signed({});
    const lines = Object.entries(headers as Record<string, string>).map(([n, v]) => `${n}: ${v}`);
    const own = `host: ${host}\r\n`;
    const closing = "connection: close\r\n";
    for (const extra of [lines.join("\r\n"), "host: evil.example", " folded"]) {
      const socket = open();
      socket.write(
        `GET /applications HTTP/1.1\r\n${own}${closing}${lines.join("\r\n")}\r\n${extra}\r\n\r\n`,
      );
      assert.match(await readAll(socket), /^HTTP\/1.1 40[03] /, extra);
    }
  });

  test("W6: no answer carries a stack or a path of this machine", async () => {
    const { text } = await send({ method: "POST", body: '{"displayName":5}' });
    assert.doesNotMatch(text, /node:|\/src\/|at .*\.ts/);
  });

  test("IAM answers in XML on the same port, and refuses likewise", async () => {
    const site = await makeSite(server);
    const user = await makeUser(site.iam);
    const input = { RoleName: "x", AssumeRolePolicyDocument: "{}" };
    const denied = await refusal(iam(server, user).send(new CreateRoleCommand(input)));
    assert.equal(denied.status, 403);
    const body = "Action=GetUser&Version=2010-05-08";
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const unsigned = await fetch(`${server.url}/`, { method: "POST", body, headers: type });
    assert.equal(unsigned.status, 403);
    assert.match(await unsigned.text(), /<Code>MissingAuthenticationToken<\/Code>/);
  });
});

describe("time limits and the end", () => {
  test("a request in flight is finished when the server stops, and no new ones are taken", async () => {
    const own = await testServer();
    server = own;
    const body = '{"displayName":"made-while-stopping"}';
    const length = { "content-length": String(body.length) };
    const { headers } = signed({ method: "POST", body, headers: length });
    const lines = Object.entries(headers as Record<string, string>).map(([n, v]) => `${n}: ${v}`);
    const { host } = new URL(own.url);
    const socket = open();
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
