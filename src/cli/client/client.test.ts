import assert from "node:assert/strict";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import {
  type OperationName,
  operations,
  queryContracts,
  structureOf,
} from "../../contract/contract.ts";
import { decodeInput, decodeQueryRequest, encodeQueryAnswer, route } from "../../wire/wire.ts";
import { createClient, ServiceError } from "./client.ts";
import { encodeRequest } from "./encode-request.ts";
import { decodeQuery, decodeQueryError, encodeQuery } from "./query-codec.ts";
import { testCertificate } from "../testing/certificate.ts";
import { type TinyAnswer, tinyKey, tinyNow, tinyServer } from "../testing/tiny-server.ts";

function clientOf(endpoint: string, sessionToken?: string) {
  const credentials = sessionToken === undefined ? tinyKey : { ...tinyKey, sessionToken };
  return createClient({
    endpoint,
    region: "eu-central-1",
    credentials: () => credentials,
    now: () => tinyNow,
    retryAfterMs: 1,
  });
}

const id = "0e5693ad-058f-4e59-8ca2-43ec3e6862bb";
const arn = `arn:aws:qbusiness:eu-central-1:000000000000:application/${id}`;

test("requests are signed for the service and its Region, session tokens too", async () => {
  await using server = await tinyServer(() => ({}));
  const client = clientOf(server.url);
  await client.call("ListApplications", { maxResults: 5, nextToken: "a/b+c =" });
  await client.call("ListTagsForResource", { resourceARN: arn });
  await client.call("ChatSync", { applicationId: id, userMessage: "häh? 🪨" });
  await client.call("DeleteApplication", { applicationId: id });
  await clientOf(server.url, "token").call("ListApplications", {});
  assert.deepEqual(
    server.seen.map(({ signedFor }) => signedFor),
    Array(5).fill("qbusiness eu-central-1"),
  );
  assert.equal(server.seen[0]?.rawTarget, "/applications?nextToken=a%2Fb%2Bc%20%3D&maxResults=5");
  assert.equal(server.seen[1]?.rawTarget, `/v1/tags/${encodeURIComponent(arn)}`);
  assert.match(server.seen[2]?.rawTarget ?? "", /\/conversations\?sync$/);
  assert.equal(server.seen[2]?.contentType, "application/json");
});

test("IAM is called as the query service it is, signed for its own Region", async () => {
  const answer = { RoleName: "R", Arn: "arn:r", Path: "/", RoleId: "AROA", CreateDate: tinyNow };
  const document = '{"Version":"2012-10-17","Statement":[]}';
  await using server = await tinyServer(() => ({
    body: encodeQueryAnswer(
      { service: "iam", action: "CreateRole" },
      { Role: { ...answer, AssumeRolePolicyDocument: document } },
      "r-1",
    ).body,
  }));
  const output = await clientOf(server.url).iam("CreateRole", {
    RoleName: "R",
    AssumeRolePolicyDocument: document,
    Tags: [{ Key: "a&b", Value: "c d" }],
  });
  assert.deepEqual(output.Role, { ...answer, AssumeRolePolicyDocument: document });
  assert.deepEqual(server.seen[0]?.signedFor, "iam us-east-1");
  const body = server.seen[0]?.body.toString() ?? "";
  assert.match(body, /^Action=CreateRole&Version=2010-05-08&RoleName=R&/);
  assert.match(body, /&Tags\.member\.1\.Key=a%26b&Tags\.member\.1\.Value=c%20d$/);
});

test("what the client encodes, the server's own decoder reads back", () => {
  const at = new Date("2026-01-02T03:04:05.678Z");
  const cases: readonly (readonly [OperationName, Record<string, unknown>])[] = [
    ["ListDocuments", { applicationId: id, indexId: id, dataSourceIds: [id], maxResults: 9 }],
    [
      "ListDataSourceSyncJobs",
      { applicationId: id, indexId: id, dataSourceId: id, startTime: at, statusFilter: "FAILED" },
    ],
    [
      "BatchPutDocument",
      {
        applicationId: id,
        indexId: id,
        documents: [
          {
            id: "d",
            content: { blob: Buffer.of(0, 255, 7) },
            attributes: [{ name: "_created_at", value: { dateValue: at } }],
          },
        ],
      },
    ],
    [
      "CreateDataSource",
      {
        applicationId: id,
        indexId: id,
        displayName: "x",
        configuration: { type: "S3", nested: [1, { a: null }] },
        clientToken: "t",
      },
    ],
    ["UntagResource", { resourceARN: arn, tagKeys: ["a b", "c&d"] }],
  ];
  for (const [name, input] of cases) {
    const { method, rawTarget, body } = encodeRequest(name, input as never, () => "token");
    const routed = route(method, rawTarget);
    assert.equal(routed?.operation, name);
    assert.deepEqual(decodeInput(name, { ...routed, body }), input);
  }
});

test("every operation is routed as itself, with its token filled in and its labels in the path", () => {
  const names = Object.keys(operations) as OperationName[];
  assert.equal(names.length, 83);
  for (const name of names) {
    const { members } = structureOf(operations[name].input);
    const labels = Object.keys(members).filter((member) => members[member]?.in === "path");
    const input = Object.fromEntries(labels.map((label) => [label, "a/b c"]));
    const { method, rawTarget, body } = encodeRequest(name, input as never, () => "fresh-token");
    const routed = route(method, rawTarget);
    assert.equal(routed?.operation, name);
    assert.deepEqual(
      Object.values(routed.labels),
      labels.map(() => "a/b c"),
      name,
    );
    const token = Object.entries(members).find(([, member]) => member.token);
    if (token !== undefined) assert.match(rawTarget + body.toString(), /fresh-token/, name);
  }
});

test("answers become what the contract says: dates, lists, and no member it does not know", async () => {
  await using server = await tinyServer(() => ({
    body: JSON.stringify({
      applications: [{ applicationId: id, createdAt: 1767323045.678, surprise: 1, status: null }],
      nextToken: "n",
    }),
  }));
  assert.deepEqual(await clientOf(server.url).call("ListApplications", {}), {
    applications: [{ applicationId: id, createdAt: new Date("2026-01-02T03:04:05.678Z") }],
    nextToken: "n",
  });
});

async function errorOf(
  answers: readonly TinyAnswer[],
  call: (client: ReturnType<typeof clientOf>) => Promise<unknown>,
): Promise<{ readonly error: Error; readonly count: number }> {
  await using server = await tinyServer((_, count) => answers[count - 1] ?? answers.at(-1) ?? {});
  try {
    await call(clientOf(server.url));
  } catch (error) {
    return { error: error as Error, count: server.seen.length };
  }
  throw new Error("It did not fail.");
}

const list = (client: ReturnType<typeof clientOf>) => client.call("ListApplications", {});
const refusal = {
  status: 404,
  headers: { "x-amzn-errortype": "ResourceNotFoundException:http", "x-amzn-requestid": "r-9" },
  body: '{"message":"No such\\napplication."}',
};

test("errors are shown as name, message and request id, on one line", async () => {
  const { error, count } = await errorOf([refusal], list);
  assert.equal(error.message, "ResourceNotFoundException: No such application. (request r-9)");
  assert.ok(error instanceof ServiceError);
  assert.deepEqual([error.code, error.status, count], ["ResourceNotFoundException", 404, 1]);
  const xml =
    "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>No &lt;role&gt;.</Message></Error>" +
    "<RequestId>r-8</RequestId></ErrorResponse>";
  const role = await errorOf([{ status: 404, body: xml }], (client) =>
    client.iam("GetRole", { RoleName: "R" }),
  );
  assert.equal(role.error.message, "NoSuchEntity: No <role>. (request r-8)");
});

test("an answer that is no Quarry's is said to be none", async () => {
  const page = await errorOf([{ body: "<html>" }], list);
  assert.match(page.error.message, /answered what is no Quarry answer: /);
  const gateway = await errorOf([{ status: 404, body: "<html>not <b>here" }], list);
  assert.match(gateway.error.message, /^HTTP 404: no message/);
  const iam = (client: ReturnType<typeof clientOf>) => client.iam("GetRole", { RoleName: "R" });
  assert.match((await errorOf([{ body: "{}" }], iam)).error.message, /no Quarry answer/);
  assert.match((await errorOf([{ status: 400, body: "{" }], iam)).error.message, /^HTTP 400/);
});

test("throttling, faults and broken connections are tried again, a bounded number of times", async () => {
  const slow = { status: 429, headers: { "x-amzn-errortype": "ThrottlingException" } };
  const fault = { status: 500, headers: { "x-amzn-errortype": "InternalServerException" } };
  await using server = await tinyServer((_, n) => [slow, fault, { breaks: true }, {}][n - 1] ?? {});
  await list(clientOf(server.url));
  assert.equal(server.seen.length, 4);
  assert.equal((await errorOf([slow], list)).count, 4);
});

test("what may not run twice is sent once, unless it was throttled", async () => {
  const start = (client: ReturnType<typeof clientOf>) =>
    client.call("StartDataSourceSyncJob", { applicationId: id, indexId: id, dataSourceId: id });
  assert.equal((await errorOf([{ status: 500 }], start)).count, 1);
  assert.equal((await errorOf([{ breaks: true }], start)).count, 1);
  assert.equal((await errorOf([{ status: 429 }], start)).count, 4);
  const key = (client: ReturnType<typeof clientOf>) => client.iam("CreateAccessKey", {});
  assert.equal((await errorOf([{ breaks: true }], key)).count, 1);
});

test("a repeated call carries the token of the first, so that it makes one thing", async () => {
  await using server = await tinyServer((_, count) => (count === 1 ? { breaks: true } : {}));
  await clientOf(server.url).call("CreateApplication", { displayName: "a" });
  const bodies = server.seen.map(({ body }) => body.toString());
  assert.equal(bodies.length, 2);
  assert.equal(bodies[0], bodies[1]);
});

test("a certificate of one's own is trusted when it is given, and not otherwise", async () => {
  const { certificate: cert, key } = testCertificate;
  const server = createServer({ cert, key }, (_, response) => response.end("{}"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { endpoint, region: "x", credentials: () => tinyKey, now: () => tinyNow };
  const trusting = createClient({ ...options, certificate: Buffer.from(cert) });
  assert.equal((await trusting.get("/health")).status, 200);
  await assert.rejects(createClient(options).get("/health"), /cannot be reached: .*certificate/);
  server.close();
});

test("query answers without output, and errors that are none, are read as such", () => {
  const answer = (action: "PutRolePolicy" | "ListRolePolicies", output: unknown): unknown =>
    decodeQuery("iam", action, encodeQueryAnswer({ service: "iam", action }, output, "r").body);
  assert.deepEqual(answer("PutRolePolicy", undefined), {});
  const page = { PolicyNames: ["a", "b"], IsTruncated: true, Marker: "m" };
  assert.deepEqual(answer("ListRolePolicies", page), page);
  assert.equal(decodeQueryError(Buffer.from("<a/>")), undefined);
  assert.throws(() => decodeQuery("iam", "GetRole", Buffer.from("<a>".repeat(99))), SyntaxError);
  assert.throws(() => decodeQuery("iam", "GetRole", Buffer.from("<a/><b/>")), SyntaxError);
  assert.ok(Object.keys(queryContracts.iam.operations).length > 50);
});

test("query requests are read back by the server's own decoder", () => {
  const input = { UserName: "u", PolicyName: "p", PolicyDocument: '{"a":"b c+d&e=ü"}' };
  const body = encodeQuery("iam", "PutUserPolicy", input);
  assert.deepEqual(decodeQueryRequest("iam", { query: "", body }), {
    service: "iam",
    action: "PutUserPolicy",
    input,
  });
});
