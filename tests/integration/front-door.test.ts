import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ChatCommand, type ChatInputStream, ListPluginsCommand } from "@aws-sdk/client-qbusiness";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { presign } from "../../src/sigv4/sigv4.ts";
import { iam, qbusiness, qbusinessHttp1, refusal } from "../support/clients.ts";
import { makeSite, makeUser } from "../support/site.ts";
import { testServer, type TestServer } from "../support/test-server.ts";
import { open, read, readAll, send, signed, type Call } from "../support/raw-requests.ts";

let server: TestServer;

async function health(): Promise<void> {
  const response = await fetch(`${server.url}/health`);
  assert.deepEqual([response.status, await response.json()], [200, { status: "ok" }]);
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
      const { status, error, json, headers } = await send(server, call);
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
    const { url, ...init } = signed(server, {});
    const other = await read(await fetch(`${url}?maxResults=1`, init));
    assert.deepEqual([other.status, other.error], [403, "InvalidSignatureException"]);
    const wrong = { ...server.rootKey, secretAccessKey: "wrong" };
    const { status, error } = await send(server, { keys: wrong });
    assert.deepEqual([status, error], [403, "InvalidSignatureException"]);
    const body = signed(server, { method: "POST", body: '{"displayName":"a"}' });
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

  test("W16: dot segments are refused, not folded", async () => {
    const socket = open(server);
    const { headers } = signed(server, { target: "/applications" });
    const lines = Object.entries(headers as Record<string, string>).map(([n, v]) => `${n}: ${v}`);
    const { host } = new URL(server.url);
    socket.write(
      `GET /web/../applications HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n${lines.join("\r\n")}\r\n\r\n`,
    );
    assert.match(await readAll(socket), /^HTTP\/1.1 (400|403|404) /);
  });

  test("two signatures, two hosts and a folded header are refused", async () => {
    const { host } = new URL(server.url);
    const { headers } = signed(server, {});
    const lines = Object.entries(headers as Record<string, string>).map(([n, v]) => `${n}: ${v}`);
    const own = `host: ${host}\r\n`;
    const closing = "connection: close\r\n";
    for (const extra of [lines.join("\r\n"), "host: evil.example", " folded"]) {
      const socket = open(server);
      socket.write(
        `GET /applications HTTP/1.1\r\n${own}${closing}${lines.join("\r\n")}\r\n${extra}\r\n\r\n`,
      );
      assert.match(await readAll(socket), /^HTTP\/1.1 40[03] /, extra);
    }
  });

  test("W6: no answer carries a stack or a path of this machine", async () => {
    const { text } = await send(server, { method: "POST", body: '{"displayName":5}' });
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
