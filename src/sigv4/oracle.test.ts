import assert from "node:assert/strict";
import { spawnSync, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";
import {
  ChatCommand,
  ChatSyncCommand,
  GetDocumentContentCommand,
  ListApplicationsCommand,
  PutGroupCommand,
  QBusinessClient,
  TagResourceCommand,
} from "@aws-sdk/client-qbusiness";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { SignatureV4 } from "@smithy/signature-v4";
import { hashBody } from "./body-hash.ts";
import { tokenMatcher } from "./checks.ts";
import { createEventVerifier, type SignedEvent } from "./event-chain.ts";
import {
  catchHttp1,
  catchHttp2,
  sha256Of,
  type CaughtRequest,
  type Client,
} from "./testing/real-clients.ts";
import { isEventStream } from "./payload.ts";
import { parseAuthentication } from "./parse.ts";
import { caller, check, now, scope, withHeader } from "./testing/requests.ts";
import type { Verdict } from "./verify.ts";

// Real clients as oracles: what they send over a socket must be verified, and only as they sent it.

const credentials = { ...caller, sessionToken: "a session token" };
const expiresAt = new Date("9999-01-01");
const session = { isToken: tokenMatcher(credentials.sessionToken), expiresAt };
const arn = "arn:aws:qbusiness:us-east-1:000000000000:application/a b";
const id = "11111111-2222-3333-4444-555555555555";

/** Calls that put unusual characters into paths and queries. */
const commands = {
  "a list with a query": new ListApplicationsCommand({ maxResults: 5, nextToken: "a+b/c=é %" }),
  "an ARN in the path": new TagResourceCommand({
    resourceARN: arn,
    tags: [{ key: "k", value: "é" }],
  }),
  "a query key without a value": new ChatSyncCommand({
    applicationId: id,
    userMessage: "What? é 😀",
    userGroups: ["b", "a", "a"],
  }),
  "a path of odd characters": new GetDocumentContentCommand({
    applicationId: id,
    indexId: id,
    documentId: "s3://bucket/a folder/../x+y%20(1)/é.pdf",
  }),
  "a body": new PutGroupCommand({
    applicationId: id,
    indexId: id,
    groupName: "g/h.",
    type: "INDEX",
    groupMembers: {},
  }),
};

function sender(command: unknown, isHttp1: boolean): Client {
  return async (endpoint) => {
    const handler = isHttp1 ? { requestHandler: new NodeHttpHandler() } : {};
    const client = new QBusinessClient({
      endpoint,
      region: "us-east-1",
      credentials,
      maxAttempts: 1,
      ...handler,
    });
    try {
      await client.send(command as ListApplicationsCommand);
    } finally {
      client.destroy();
    }
  };
}

function verifyCaught(request: CaughtRequest, owner: object = { session }): Verdict {
  return check(request, {
    owner: { secretAccessKey: caller.secretAccessKey, ...owner },
    bodyHash: () => hashBody(request.body),
    now: new Date(),
  });
}

function assertVerifiedOnlyAsSent(request: CaughtRequest, owner?: object): void {
  const verdict = verifyCaught(request, owner);
  assert.ok(verdict.ok, verdict.ok ? "" : verdict.refusal.message);
  assert.equal(verdict.service, "qbusiness");
  const changed = [
    { ...request, method: "TRACE" },
    { ...request, rawTarget: request.rawTarget.replace("/", "/x") },
    { ...request, body: Buffer.concat([request.body, Buffer.from(" ")]) },
    withHeader(request, "x-amz-date", "20200101T000000Z"),
  ];
  for (const other of changed) {
    assert.equal(verifyCaught({ ...request, ...other }, owner).ok, false);
  }
}

for (const [what, command] of Object.entries(commands)) {
  test(`the SDK's request with ${what} is verified over HTTP/2`, async () => {
    const request = await catchHttp2(sender(command, false));
    assert.ok(request.headers.some(([name]) => name === ":authority"));
    assertVerifiedOnlyAsSent(request);
  });

  test(`the SDK's request with ${what} is verified over HTTP/1.1`, async () => {
    assertVerifiedOnlyAsSent(await catchHttp1(sender(command, true)));
  });
}

for (const [version, catchWith] of Object.entries({
  "HTTP/2": catchHttp2,
  "HTTP/1.1": catchHttp1,
})) {
  test(`the SDK's chat is verified frame by frame over ${version}`, async () => {
    const chat = new ChatCommand({ applicationId: id, clientToken: "t", inputStream: chatInput() });
    const request = await catchWith(sender(chat, version === "HTTP/1.1"));
    const parsed = parseAuthentication(request);
    assert.ok(parsed.ok && isEventStream(parsed.authentication));
    const verdict = verifyCaught(request);
    assert.ok(verdict.ok && verdict.isEventStream);

    const events = readFrames(request.body);
    assert.equal(events.length, 4, "three events and the empty end");
    const verifier = createEventVerifier(verdict.seed);
    const lasts = events.map((event) => {
      const { ok, ...rest } = verifier.verify(event, new Date());
      assert.ok(ok);
      return "isLast" in rest && rest.isLast;
    });
    assert.deepEqual(lasts, [false, false, false, true]);
    assert.ok(verifier.isComplete());
    assert.equal(
      createEventVerifier(verdict.seed).verify(events[1] ?? fail(), new Date()).ok,
      false,
    );
  });
}

test("a URL presigned by the SDK is verified", async () => {
  for (const service of ["qbusiness", "s3"]) {
    const signer = new SignatureV4({
      ...scope,
      service,
      credentials,
      sha256: sha256Of,
      uriEscapePath: service !== "s3",
    });
    const query = { a: ["2", "1"], "b c": "é+" };
    const shape = { protocol: "http:", hostname: "h", path: "/a%20b", query, method: "GET" };
    const open = service === "s3" ? { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } : {};
    const signed = await signer.presign(
      { ...shape, headers: { host: "h", ...open } },
      { signingDate: now, expiresIn: 60 },
    );
    const pairs = Object.entries(signed.query ?? {}).flatMap(([name, value]) =>
      [value ?? ""].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`),
    );
    const rawTarget = `${signed.path}?${pairs.join("&")}`;
    const headers = Object.entries(signed.headers);
    const owner = { secretAccessKey: caller.secretAccessKey, session };
    const verdict = check({ method: "GET", rawTarget, headers }, { owner });
    assert.ok(verdict.ok, verdict.ok ? "" : verdict.refusal.message);
  }
});

type OldClient = new (options: object) => {
  listApplications: (input: object) => { promise: () => Promise<unknown> };
};

test("the SDK's second version is verified", async (t) => {
  process.env["AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE"] = "1";
  let Old: OldClient;
  try {
    Old = createRequire(import.meta.url)("aws-sdk/clients/qbusiness") as OldClient;
  } catch {
    return t.skip("the SDK's second version is not installed");
  }
  const request = await catchHttp1((endpoint) =>
    new Old({ endpoint, region: "us-east-1", credentials, maxRetries: 0 })
      .listApplications({ maxResults: 5, nextToken: "a b+é" })
      .promise(),
  );
  assertVerifiedOnlyAsSent(request);
});

const script = `
import sys, boto3, botocore.config
config = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=5)
client = boto3.client("qbusiness", endpoint_url=sys.argv[1], region_name="us-east-1",
    aws_access_key_id=sys.argv[2], aws_secret_access_key=sys.argv[3], config=config)
client.chat_sync(applicationId="${id}", userMessage="What? é", userGroups=["b", "a"])
`;

test("boto3's request is verified", async (t) => {
  const probe = spawnSync("python3", ["-c", "import boto3"], { timeout: 20_000 });
  if (probe.status !== 0) return t.skip("python3 with boto3 is not at hand");
  const { accessKeyId, secretAccessKey } = caller;
  const request = await catchHttp1(async (endpoint) => {
    const args = ["-c", script, endpoint, accessKeyId, secretAccessKey];
    const child = spawn("python3", args, { stdio: "ignore", timeout: 30_000 });
    await new Promise((resolve) => child.once("exit", resolve));
  });
  assert.match(request.rawTarget, /\?sync&/);
  assertVerifiedOnlyAsSent(request, {});
});

async function* chatInput() {
  yield { configurationEvent: { chatMode: "RETRIEVAL_MODE" as const } };
  yield { textEvent: { userMessage: "What? é" } };
  yield { endOfInputEvent: {} };
}

function fail(): never {
  throw new Error("too few frames");
}

/** Takes signed envelopes apart: lengths, a checksum, headers, payload, a checksum. */
function readFrames(body: Buffer): readonly SignedEvent[] {
  const events: SignedEvent[] = [];
  for (let start = 0; start < body.length; start += body.readUInt32BE(start)) {
    const end = start + body.readUInt32BE(start);
    const headersEnd = start + 12 + body.readUInt32BE(start + 4);
    const headers = body.subarray(start + 12, headersEnd);
    const dateAt = headers.indexOf("\x05:date\x08", 0, "latin1");
    const signatureAt = headers.indexOf("\x10:chunk-signature\x06", 0, "latin1") + 20;
    events.push({
      date: new Date(Number(headers.readBigInt64BE(dateAt + 7))),
      encodedDateHeader: headers.subarray(dateAt, dateAt + 15),
      payload: body.subarray(headersEnd, end - 4),
      signature: headers.subarray(signatureAt, signatureAt + 32),
    });
  }
  return events;
}
