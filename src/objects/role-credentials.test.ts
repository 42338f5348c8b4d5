import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, type RequestListener } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { createObjectStore } from "./objects.ts";
import { createRoleSessions } from "./role-credentials.ts";
import { createRoleStores } from "./role-stores.ts";

const names = { AWS_ACCESS_KEY_ID: "AKIASOURCE", AWS_SECRET_ACCESS_KEY: "very-secret-source" };
const saved = new Map(Object.keys(names).map((name) => [name, process.env[name]]));
async function listen(answer: RequestListener): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const role = { arn: "arn:aws:iam::111122223333:role/reader", sessionName: "QBusiness-1" };
const fast = { attemptsMax: 3, sleep: async () => {} };

/** What a sync meets first, with a token service that answers like this. */
async function firstFailure(stsEndpoint: string, silenceMs = 2_000) {
  await using objects = createObjectStore({
    buckets: {},
    s3: {
      endpoint: "http://127.0.0.1:1",
      region: "us-east-1",
      timeouts: { silenceMs },
      retries: fast,
    },
    assumeRole: { stsEndpoint },
  });
  const exists = await objects.asRole(role).bucketExists({ bucket: "b" });
  return exists.kind === "failed" ? exists.failure : assert.fail("it exists");
}

function refusal(code: string, message: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
    <Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
}

// In a suite of its own: hooks at the top would count for the tests of every file.
describe("sessions of a role", () => {
  before(() => Object.assign(process.env, names));
  after(() => {
    for (const [name, value] of saved) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  for (const [status, code, message] of [
    [403, "AccessDenied", "User: u is not authorized to perform: sts:AssumeRole on resource: r"],
    [403, "InvalidClientTokenId", "The security token included in the request is invalid."],
    [403, "ExpiredToken", "The security token included in the request is expired"],
    [400, "ValidationError", "1 validation error detected"],
  ] as const) {
    test(`${code} of the token service is a denial in its own words, asked for once`, async () => {
      let calls = 0;
      await using sts = await listen((_request, response) => {
        calls += 1;
        response.writeHead(status, { "content-type": "text/xml" }).end(refusal(code, message));
      });
      assert.deepEqual(await firstFailure(sts.url), { kind: "denied", bucket: "b", message });
      assert.equal(calls, 1);
    });
  }

  test("a token service that is overloaded is asked again, and is out of reach in the end", async () => {
    let calls = 0;
    await using sts = await listen((_request, response) => {
      calls += 1;
      response.writeHead(503).end(refusal("ServiceUnavailable", "later"));
    });
    assert.equal((await firstFailure(sts.url)).kind, "unreachable");
    assert.equal(calls, 3);
  });

  test("a token service that nobody runs is out of reach", async () => {
    assert.equal((await firstFailure("http://127.0.0.1:1")).kind, "unreachable");
  });

  test("a token service that never answers does not hold a sync up", async () => {
    await using sts = await listen(() => undefined);
    assert.equal((await firstFailure(sts.url, 50)).kind, "timedOut");
  });

  test("an answer that is no session is a refusal that tells no secret", async () => {
    await using sts = await listen((_request, response) => void response.end("<html>"));
    const { kind, message } = await firstFailure(sts.url);
    assert.ok(kind === "denied" || kind === "unreachable", kind);
    assert.ok(!message.includes(names.AWS_SECRET_ACCESS_KEY));
  });

  function answer(ends: Date): string {
    return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
    <Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
    <SessionToken>t</SessionToken><Expiration>${ends.toISOString()}</Expiration></Credentials>
    </AssumeRoleResult></AssumeRoleResponse>`;
  }

  test("one session serves all ways to the store, at the same time too, and is renewed near its end", async () => {
    let calls = 0;
    const begun = Date.now();
    let now = begun;
    await using sts = await listen((_request, response) => {
      calls += 1;
      response.setHeader("content-type", "text/xml");
      setTimeout(() => response.end(answer(new Date(now + 3_600_000))), 20);
    });
    const options = { region: "us-east-1", stsEndpoint: sts.url, waitMs: 2_000 };
    const sessions = createRoleSessions({ ...options, now: () => new Date(now) }, 10);
    const ask = () => sessions.of({ ...role })();
    const all = await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(new Set(all.map(({ accessKeyId }) => accessKeyId)), new Set(["ASIA1"]));
    assert.equal(calls, 1);
    now = begun + 3_600_000 - 5 * 60_000;
    await ask();
    assert.equal(calls, 1, "five minutes are left");
    now += 1;
    await Promise.all([ask(), ask()]);
    assert.equal(calls, 2);
    await sessions.of({ ...role, sessionName: "QBusiness-2" })();
    assert.equal(calls, 3, "another session name is another session");
  });

  test("an external id is sent where one is set, and only then", async () => {
    const seen: (string | null)[] = [];
    await using sts = await listen((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const form = new URLSearchParams(Buffer.concat(parts).toString("utf8"));
        seen.push(form.get("ExternalId"));
        response.setHeader("content-type", "text/xml");
        response.end(answer(new Date(Date.now() + 3_600_000)));
      });
    });
    const options = { region: "us-east-1", stsEndpoint: sts.url, waitMs: 2_000 };
    await createRoleSessions(options, 10).of(role)();
    await createRoleSessions({ ...options, externalId: "quarry:1/@" }, 10).of(role)();
    assert.deepEqual(seen, [null, "quarry:1/@"]);
  });

  test("sessions are shared by a zone's way and the direct one, and STS is asked by neither's agents", async () => {
    let calls = 0;
    await using sts = await listen((_request, response) => {
      calls += 1;
      response.setHeader("content-type", "text/xml");
      response.end(answer(new Date(Date.now() + 3_600_000)));
    });
    const seen: string[] = [];
    await using store = await listen((request, response) => {
      seen.push(request.headers.authorization ?? "");
      response.end();
    });
    let through = 0;
    const agent = new Agent();
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (...given) => {
      through += 1;
      return connect(...given);
    };
    await using objects = createObjectStore({
      buckets: {},
      s3: { endpoint: store.url, region: "us-east-1" },
      assumeRole: { stsEndpoint: sts.url },
    });
    const exists = (from: typeof objects): Promise<{ readonly kind: string }> =>
      from.asRole(role).bucketExists({ bucket: "b" });
    assert.equal((await exists(objects)).kind, "exists");
    await using zone = objects.through({ http: agent, https: new HttpsAgent() });
    assert.equal((await exists(zone as typeof objects)).kind, "exists");
    assert.deepEqual(
      [calls, through],
      [1, 1],
      "one session; only the bucket is reached by the agent",
    );
    assert.ok(seen.every((header) => header.includes("Credential=ASIA1/")));
    await using other = objects.through({ http: agent, https: new HttpsAgent() });
    const named = { ...role, sessionName: "QBusiness-2" };
    await other.asRole(named).bucketExists({ bucket: "b" });
    assert.deepEqual([calls, through], [2, 2]);
  });

  test("without roles to assume, and for folders, a role sees what everybody sees", async () => {
    await using objects = createObjectStore({ buckets: { here: import.meta.dirname } });
    assert.equal((await objects.asRole(role).bucketExists({ bucket: "here" })).kind, "exists");
    await using assuming = createObjectStore({
      buckets: { here: import.meta.dirname },
      s3: { endpoint: "http://127.0.0.1:1", region: "us-east-1" },
      assumeRole: { stsEndpoint: "http://127.0.0.1:1" },
    });
    assert.equal((await assuming.asRole(role).bucketExists({ bucket: "here" })).kind, "exists");
  });

  test("stores are kept by role and session name, the least lately used is forgotten", async () => {
    const made: string[] = [];
    const closed: string[] = [];
    const stores = createRoleStores(({ arn, sessionName }) => {
      made.push(`${arn} ${sessionName}`);
      const close = async () => void closed.push(`${arn} ${sessionName}`);
      return { close };
    }, 2);
    const of = (arn: string, sessionName: string) => stores.of({ arn, sessionName });
    assert.equal(of("a", "1"), of("a", "1"));
    assert.notEqual(of("a", "1"), of("a", "2"));
    of("a", "1");
    of("b", "1");
    of("a", "1");
    of("a", "2");
    assert.deepEqual(made, ["a 1", "a 2", "b 1", "a 2"]);
    await stores.close();
    assert.deepEqual(closed.toSorted(), ["a 1", "a 2"]);
  });
});
