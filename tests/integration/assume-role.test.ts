// The connector in AWS mode: it reads buckets with a session of the data source's role, which it
// gets from an STS elsewhere. That STS is a second server of ours, the buckets are on loopback.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type IAMClient, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import { BatchPutDocumentCommand } from "@aws-sdk/client-qbusiness";
import { s3ConnectorPolicy } from "../../src/cli/policy/policies.ts";
import { type PlainS3Server, startPlainS3Server } from "../../src/objects/plain-s3-server.test.ts";
import { type ChildServer, startChild } from "../support/child-server.ts";
import { iam, type Keys } from "../support/clients.ts";
import {
  accountId,
  counts,
  listDocuments,
  makeRole,
  makeSite,
  makeSource,
  makeUser,
  putRolePolicy,
  region,
  settled,
  type Source,
  sync,
} from "../support/site.ts";
import { startStsRelay, type StsRelay } from "../support/sts-relay.ts";

const bucket = "elsewhere";

/** A trust policy for everybody of the account who has the permission. */
const trustAccount = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: accountId }, Action: "sts:AssumeRole" }],
};

describe("a data source whose role is assumed at an STS elsewhere", () => {
  const folders: string[] = [];
  let elsewhere: ChildServer;
  let elsewhereIam: IAMClient;
  let user: Keys;
  let relay: StsRelay;
  let store: PlainS3Server;
  let server: ChildServer;

  before(async () => {
    for (let n = 0; n < 2; n += 1) folders.push(await mkdtemp(join(tmpdir(), "quarry-assume-")));
    elsewhere = await startChild(folders[0] ?? "", {});
    elsewhereIam = iam(elsewhere);
    user = await makeUser(elsewhereIam, {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" }],
    });
    relay = await startStsRelay(elsewhere.url);
    store = await startPlainS3Server(bucket);
    // What bears no session of the role that was handed out last but one is refused.
    store.fault = () => {
      const { authorization = "", "x-amz-security-token": token } = store.headers.at(-1) ?? {};
      const isIssued = relay.calls.some(
        ({ accessKeyId, sessionToken }) =>
          sessionToken !== "" &&
          token === sessionToken &&
          authorization.includes(`Credential=${accessKeyId}/`),
      );
      return isIssued ? undefined : { kind: "status", status: 403, code: "AccessDenied" };
    };
    const { accessKeyId, secretAccessKey } = user;
    server = await startChild(
      folders[1] ?? "",
      {},
      {
        s3Endpoint: store.endpoint,
        s3Credentials: "assume-role",
        stsEndpoint: relay.url,
        env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
      },
    );
  });

  after(async () => {
    await server?.stop();
    await elsewhere?.stop();
    await relay?.[Symbol.asyncDispose]();
    await store?.[Symbol.asyncDispose]();
    await Promise.all(folders.map((path) => rm(path, { recursive: true, force: true })));
  });

  /** A data source here, and the same role elsewhere. */
  async function assumedSource(trust: object = trustAccount): Promise<Source> {
    const source = await makeSource(await makeSite(server), bucket);
    await makeRole(elsewhereIam, source.roleName, { trust });
    store.objects.clear();
    store.objects.set("a.txt", Buffer.from("The heron at the mill weighs two kilograms."));
    store.objects.set("b.txt", Buffer.from("The swan at the weir weighs eleven kilograms."));
    relay.calls.length = 0;
    relay.secondsLeft = undefined;
    return source;
  }

  test("is read with one session of that role, which the next sync takes again", async () => {
    const source = await assumedSource();
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    assert.equal(counts(await sync(source)), "2 0 0 0 0");
    const [call, ...more] = relay.calls;
    assert.equal(more.length, 0, "one session for both");
    assert.equal(call?.roleArn, source.roleArn);
    assert.equal(call?.sessionName, `QBusiness-${source.dataSourceId}`);
    assert.match(call?.accessKeyId ?? "", /^ASIA/);
    const other = await makeSource(source, bucket);
    await makeRole(elsewhereIam, other.roleName, { trust: trustAccount });
    await sync(other);
    assert.deepEqual(
      relay.calls.map(({ roleArn }) => roleArn),
      [source.roleArn, other.roleArn],
      "another data source has a session of its own",
    );
  });

  test("asks for a new session before the old one ends, and not sooner", async () => {
    const source = await assumedSource();
    relay.secondsLeft = 6 * 60;
    await sync(source);
    await sync(source);
    assert.equal(relay.calls.length, 1);
    const short = await assumedSource();
    relay.secondsLeft = 4 * 60;
    await sync(short);
    const first = relay.calls.length;
    assert.ok(first >= 2, "a session with four minutes left is replaced by the next request");
    relay.secondsLeft = undefined;
    await sync(short);
    assert.equal(relay.calls.length, first + 1);
    assert.equal(new Set(relay.calls.map(({ sessionToken }) => sessionToken)).size, first + 1);
  });

  test("fails its sync in the service's words where the role may not be assumed", async () => {
    const trust = structuredClone(trustAccount);
    for (const statement of trust.Statement) statement.Principal.AWS = "999988887777";
    const source = await assumedSource(trust);
    const job = await sync(source);
    assert.equal(job.status, "FAILED");
    const message = job.error?.errorMessage ?? "";
    assert.match(
      message,
      /^User: arn:aws:iam::111122223333:user\/user-[-0-9a-f]+ is not authorized to perform: sts:AssumeRole on resource: /,
    );
    assert.ok(message.includes(source.roleArn));
    for (const secret of [user.secretAccessKey, user.accessKeyId]) {
      assert.ok(!message.includes(secret));
    }
    assert.equal((await listDocuments(source)).size, 0);
    assert.ok(relay.calls.every(({ status }) => status === 403));
    assert.equal(relay.calls.length, 1, "a refusal is not asked for again");
    const PolicyDocument = JSON.stringify(trustAccount);
    await elsewhereIam.send(
      new UpdateAssumeRolePolicyCommand({ RoleName: source.roleName, PolicyDocument }),
    );
    assert.equal(counts(await sync(source)), "2 2 0 0 0", "mended, it goes on");
  });

  test("is bound by the role's policies here as well", async () => {
    const source = await assumedSource();
    const policy = s3ConnectorPolicy({ ...source, region, accountId }) as unknown as {
      readonly Statement: readonly { readonly Action: string | readonly string[] }[];
    };
    await putRolePolicy(source.iam, source.roleName, {
      ...policy,
      Statement: policy.Statement.filter(({ Action }) => ![Action].flat().includes("s3:GetObject")),
    });
    const job = await sync(source);
    assert.equal(job.status, "FAILED");
    assert.match(job.error?.errorMessage ?? "", /is not authorized to perform: s3:GetObject/);
  });

  test("has documents of BatchPutDocument read as the role that the call names", async () => {
    const source = await assumedSource();
    const { applicationId, indexId, roleArn } = source;
    await source.client.send(
      new BatchPutDocumentCommand({
        applicationId,
        indexId,
        roleArn,
        documents: [
          { id: "put", contentType: "PLAIN_TEXT", content: { s3: { bucket, key: "a.txt" } } },
        ],
      }),
    );
    assert.equal((await settled(source)).get("put")?.status, "INDEXED");
    assert.deepEqual(
      relay.calls.map((call) => [call.roleArn, call.sessionName]),
      [[roleArn, "QBusiness-BatchPutDocument"]],
    );
  });
});
