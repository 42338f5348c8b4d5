import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import { s3ConnectorPolicy } from "../../src/cli/policy/policies.ts";
import { startPlainS3Server } from "../../src/objects/plain-s3-server.test.ts";
import { type ChildServer, startChild } from "../support/child-server.ts";
import { kms, makeKey } from "../support/encryption-site.ts";
import {
  accountId,
  counts,
  listDocuments,
  makeSite,
  makeSource,
  putRolePolicy,
  region,
  type Source,
  sync,
} from "../support/site.ts";

const env = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
const bucket = "sealed";
const objectArn = `arn:aws:s3:::${bucket}/heron.txt`;

/** The condition of the published policies: only through S3, only for this object. */
const conditionOf = (context: string, service = "s3"): object => ({
  StringEquals: {
    "kms:ViaService": `${service}.${region}.amazonaws.com`,
    "kms:EncryptionContext:aws:s3:arn": context,
  },
});

async function allow(source: Source, ...statements: readonly object[]): Promise<void> {
  const { applicationId, indexId } = source;
  const place = { region, accountId, applicationId, indexId, bucket };
  const { Version, Statement } = s3ConnectorPolicy(place);
  const policy = { Version, Statement: [...Statement, ...statements] };
  await putRolePolicy(source.iam, source.roleName, policy);
}

const decrypt = (Resource: string, Condition: object = conditionOf(objectArn)): object => ({
  Effect: "Allow",
  Action: "kms:Decrypt",
  Resource,
  Condition,
});

/** What a sync does with the one encrypted object. */
async function outcome(source: Source): Promise<string> {
  const job = await sync(source);
  const document = (await listDocuments(source)).get(`s3://${bucket}/heron.txt`);
  const { status, error } = document ?? {};
  return `${job.status} ${counts(job)} ${status}: ${error?.errorMessage ?? "well"}`;
}

async function withStore(
  run: (
    server: ChildServer,
    source: Source,
    encryptWith: (headers: Readonly<Record<string, string>>) => void,
  ) => Promise<void>,
): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-sse-"));
  await using store = await startPlainS3Server(bucket);
  store.objects.set("heron.txt", Buffer.from("The heron nests in the willow."));
  store.objects.set("plain.txt", Buffer.from("The otter sleeps under the bridge."));
  const server = await startChild(dataDir, {}, { s3Endpoint: store.endpoint, env });
  try {
    const source = await makeSource(await makeSite(server), bucket, {
      syncMode: "FORCED_FULL_CRAWL",
    });
    await run(server, source, (headers) => {
      const sse = { "x-amz-server-side-encryption": "aws:kms", ...headers };
      store.extraHeaders.set("heron.txt", sse);
    });
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const keyHeader = "x-amz-server-side-encryption-aws-kms-key-id";

test("an object under a key of ours needs kms:Decrypt of the role, through S3 and for the object", async () => {
  await withStore(async (server, source, encryptWith) => {
    const keyArn = await makeKey(server);
    encryptWith({ [keyHeader]: keyArn });
    const refused = await outcome(source);
    assert.match(refused, /^INCOMPLETE 2 1 0 0 1 FAILED: S3-5200: .*kms:Decrypt/);
    for (const wrong of [conditionOf(`${objectArn}x`), conditionOf(objectArn, "qbusiness")]) {
      await allow(source, decrypt(keyArn, wrong));
      assert.match(await outcome(source), /FAILED: S3-5200: .*kms:Decrypt/);
    }
    await allow(source, decrypt(keyArn));
    assert.match(await outcome(source), /^SUCCEEDED .* INDEXED: well/);
    await kms(server).send(new DisableKeyCommand({ KeyId: keyArn }));
    assert.match(await outcome(source), /FAILED: S3-5200: .*is disabled/);
    await kms(server).send(new EnableKeyCommand({ KeyId: keyArn }));
    assert.match(await outcome(source), /UPDATED: well/);
    encryptWith({
      [keyHeader]: keyArn,
      "x-amz-server-side-encryption-bucket-key-enabled": "true",
    });
    assert.match(await outcome(source), /kms:Decrypt/, "a bucket key has another context");
    await allow(source, decrypt(keyArn, conditionOf(`arn:aws:s3:::${bucket}`)));
    assert.match(await outcome(source), /UPDATED: well/);
  });
});

test("the policy of a key of ours has its say, whatever the role's own policy allows", async () => {
  await withStore(async (server, source, encryptWith) => {
    const root = { Effect: "Allow", Principal: { AWS: accountId }, Action: "kms:*", Resource: "*" };
    const keyWith = (...Statement: readonly object[]): Promise<string> =>
      makeKey(server, JSON.stringify({ Version: "2012-10-17", Statement }));
    const ofRole = { ...root, Principal: { AWS: source.roleArn }, Action: "kms:Decrypt" };
    encryptWith({ [keyHeader]: await keyWith(root, ofRole) });
    assert.match(await outcome(source), /INDEXED: well/, "the role's own policy names no key");
    encryptWith({
      [keyHeader]: await keyWith(root, { ...ofRole, Effect: "Deny", Principal: "*" }),
    });
    await allow(source, decrypt("*"));
    assert.match(await outcome(source), /FAILED: .*explicit deny in a resource-based policy/);
  });
});

test("under a key that is not ours the role's own policy decides; one without a name is every key", async () => {
  await withStore(async (_server, source, encryptWith) => {
    const keyArn = "arn:aws:kms:us-east-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    encryptWith({ [keyHeader]: keyArn });
    assert.match(await outcome(source), /FAILED: S3-5200: .*kms:Decrypt/);
    await allow(source, decrypt(keyArn));
    assert.match(await outcome(source), /INDEXED: well/);
    encryptWith({});
    assert.match(await outcome(source), /kms:Decrypt/);
    await allow(source, decrypt("*"));
    assert.match(await outcome(source), /UPDATED: well/);
    encryptWith({ [keyHeader]: "1234abcd-12ab-34cd-56ef-1234567890ab" });
    await allow(source, decrypt(`arn:aws:kms:${region}:${accountId}:key/1234abcd-*`));
    assert.match(await outcome(source), /UPDATED: well/);
  });
});
