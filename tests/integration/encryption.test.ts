import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import {
  DisableKeyCommand,
  EnableKeyCommand,
  ListGrantsCommand,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  CancelKeyDeletionCommand,
  CreateAliasCommand,
} from "@aws-sdk/client-kms";
import {
  BatchPutDocumentCommand,
  CreateApplicationCommand,
  DeleteApplicationCommand,
  GetApplicationCommand,
} from "@aws-sdk/client-qbusiness";
import { qbusiness, qbusinessHttp1, refusal } from "../support/clients.ts";
import { eventually, kms, makeEncryptedSite, makeKey } from "../support/encryption-site.ts";
import {
  accountId,
  ask,
  counts,
  endOf,
  listDocuments,
  makeSource,
  makeUser,
  region,
  search,
  settled,
  type Site,
  startSync,
  sync,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

let world: World;
before(async () => {
  world = await openWorld(6);
});
after(() => world.close());

async function put(site: Site, id: string, text: string): Promise<void> {
  const { applicationId, indexId } = site;
  const documents = [{ id, title: `Title ${id}`, content: { blob: Buffer.from(text) } }];
  const { failedDocuments } = await site.client.send(
    new BatchPutDocumentCommand({ applicationId, indexId, documents }),
  );
  assert.deepEqual(failedDocuments, []);
}

async function encrypted(): Promise<Site & { readonly keyArn: string }> {
  const keyArn = await makeKey(world.server);
  const site = await makeEncryptedSite(world.server, keyArn);
  await put(site, "heron", "The heron nests in the old willow.");
  await settled(site);
  return { ...site, keyArn };
}

describe("an application with a key of its own", () => {
  test("answers like any other, and says which key it has", async () => {
    const site = await encrypted();
    assert.deepEqual(await search(site, "heron willow"), ["heron"]);
    const answer = await ask(site, "Where does the heron nest?");
    assert.match(answer.systemMessage ?? "", /old willow/);
    assert.equal(answer.sourceAttributions?.[0]?.title, "Title heron");
    const { conversationId, systemMessageId: parentMessageId } = answer;
    const more = await ask(site, "And the willow?", { conversationId, parentMessageId });
    assert.equal(more.conversationId, conversationId);
    const { applicationId } = site;
    const read = await site.client.send(new GetApplicationCommand({ applicationId }));
    assert.deepEqual(read.encryptionConfiguration, { kmsKeyId: site.keyArn });
  });

  test("is used by a grant for it alone, which goes with it", async () => {
    const site = await encrypted();
    const { applicationId, keyArn: KeyId } = site;
    const grants = async () =>
      (await kms(world.server).send(new ListGrantsCommand({ KeyId }))).Grants ?? [];
    const [grant, ...others] = await grants();
    assert.equal(others.length, 0);
    assert.deepEqual(grant?.Operations, [
      "Decrypt",
      "DescribeKey",
      "GenerateDataKey",
      "GenerateDataKeyWithoutPlaintext",
      "RetireGrant",
    ]);
    assert.deepEqual(grant?.Constraints, {
      EncryptionContextSubset: { "aws:qbusiness:application": applicationId },
    });
    await site.client.send(new DeleteApplicationCommand({ applicationId }));
    assert.deepEqual(await grants(), []);
    await eventually("the application is gone", async () => {
      const sent = site.client.send(new GetApplicationCommand({ applicationId }));
      return sent.then(
        () => false,
        (error: Error) => error.name === "ResourceNotFoundException",
      );
    });
  });

  test("is made once for a client token, and its grant with it", async () => {
    const keyArn = await makeKey(world.server);
    const client = qbusinessHttp1(world.server);
    const create = () =>
      client.send(
        new CreateApplicationCommand({
          displayName: "site",
          identityType: "ANONYMOUS",
          clientToken: token,
          encryptionConfiguration: { kmsKeyId: keyArn },
        }),
      );
    const token = randomUUID();
    const [first, second] = [await create(), await create()];
    assert.equal(first.applicationId, second.applicationId);
    const { Grants } = await kms(world.server).send(new ListGrantsCommand({ KeyId: keyArn }));
    assert.equal(Grants?.length, 1);
  });

  test("is read by what a rotation left, and written with what it brought", async () => {
    const site = await encrypted();
    await kms(world.server).send(new RotateKeyOnDemandCommand({ KeyId: site.keyArn }));
    await put(site, "otter", "The otter sleeps under the bridge.");
    await settled(site);
    assert.deepEqual(await search(site, "heron willow"), ["heron"]);
    assert.deepEqual(await search(site, "otter bridge"), ["otter"]);
  });
});

describe("the key of a new application", () => {
  const withKey = (kmsKeyId: string, keys = world.server.rootKey) =>
    qbusinessHttp1(world.server, keys).send(
      new CreateApplicationCommand({
        displayName: "site",
        identityType: "ANONYMOUS",
        encryptionConfiguration: { kmsKeyId },
      }),
    );

  test("may be named by id, ARN, alias and ARN of an alias", async () => {
    const keyArn = await makeKey(world.server);
    const AliasName = `alias/${randomUUID()}`;
    const alias = { AliasName, TargetKeyId: keyArn };
    await kms(world.server).send(new CreateAliasCommand(alias));
    const id = keyArn.split("/").at(-1) ?? "";
    const aliasArn = `arn:aws:kms:${region}:${accountId}:${AliasName}`;
    for (const name of [keyArn, id, AliasName, aliasArn]) await withKey(name);
    const { Grants } = await kms(world.server).send(new ListGrantsCommand({ KeyId: keyArn }));
    assert.equal(Grants?.length, 4);
  });

  test("must be there and enabled", async () => {
    const server = world.server;
    const keyArn = await makeKey(server);
    await kms(server).send(new DisableKeyCommand({ KeyId: keyArn }));
    const missing = `arn:aws:kms:${region}:${accountId}:key/${randomUUID()}`;
    const elsewhere = missing.replace(region, "eu-west-1");
    const cases = [
      [keyArn, "ValidationException", /is Disabled/],
      [missing, "ValidationException", /does not exist/],
      [elsewhere, "ValidationException", /Invalid arn/],
      ["alias/none", "ValidationException", /is not found/],
      [missing.replace(accountId, "999988887777"), "AccessDeniedException", /cannot be used/],
    ] as const;
    for (const [name, error, message] of cases) {
      const refused = await refusal(withKey(name));
      assert.equal(refused.name, error, name);
      assert.match(refused.message, message, name);
    }
  });

  test("must be the caller's to describe and to grant, through the service", async () => {
    const { server } = world;
    const keyArn = await makeKey(server);
    const create = { Effect: "Allow", Action: "qbusiness:CreateApplication", Resource: "*" };
    const via = { StringEquals: { "kms:ViaService": `qbusiness.${region}.amazonaws.com` } };
    const allow = (Action: string, Condition: object = via): object => ({
      Effect: "Allow",
      Action,
      Resource: keyArn,
      Condition,
    });
    const attempt = async (...statements: readonly object[]): Promise<string> => {
      const policy = { Version: "2012-10-17", Statement: [create, ...statements] };
      const keys = await makeUser((await world.site()).iam, policy);
      return withKey(keyArn, keys).then(
        () => "made",
        (error: Error) => /perform: (kms:\w+)/.exec(error.message)?.[1] ?? error.message,
      );
    };
    const [describe, grant] = [allow("kms:DescribeKey"), allow("kms:CreateGrant")];
    assert.equal(await attempt(), "kms:DescribeKey");
    assert.equal(await attempt(describe), "kms:CreateGrant");
    assert.equal(await attempt(grant), "kms:DescribeKey");
    assert.equal(await attempt(describe, grant), "made");
    const s3 = { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } };
    assert.equal(await attempt(describe, allow("kms:CreateGrant", s3)), "kms:CreateGrant");
    const forService = {
      Bool: { "kms:GrantIsForAWSResource": "true", "aws:ViaAWSService": "true" },
      StringEquals: {
        "kms:GranteePrincipal": "qbusiness.amazonaws.com",
        "kms:GrantConstraintType": "EncryptionContextSubset",
        "aws:CalledViaLast": "qbusiness.amazonaws.com",
      },
      "ForAllValues:StringEquals": {
        "kms:GrantOperations": [
          "Decrypt",
          "DescribeKey",
          "GenerateDataKey",
          "GenerateDataKeyWithoutPlaintext",
          "RetireGrant",
        ],
      },
    };
    assert.equal(await attempt(describe, allow("kms:CreateGrant", forService)), "made");
    const few = { "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt"] } };
    assert.equal(await attempt(describe, allow("kms:CreateGrant", few)), "kms:CreateGrant");
  });
});

describe("what locks the key", () => {
  /** What each way to the content answers; the name of the error where it refuses. */
  async function ways(site: Site): Promise<readonly string[]> {
    const name = (sent: Promise<unknown>): Promise<string> =>
      sent.then(
        () => "ok",
        (error: Error) => error.name,
      );
    const http2 = qbusiness(world.server);
    try {
      return await Promise.all([
        name(ask(site, "Where does the heron nest?")),
        name(ask(site, "Where does the heron nest?", {}, http2)),
        name(search(site, "heron willow")),
        name(listDocuments(site)),
        name(put(site, "late", "Too late.")),
      ]);
    } finally {
      http2.destroy();
    }
  }
  const allOf = (word: string): readonly string[] => Array.from({ length: 5 }, () => word);

  test("locks the application at once, whatever was in memory; what unlocks it brings all back", async () => {
    const site = await encrypted();
    const client = kms(world.server);
    const { keyArn: KeyId } = site;
    const policy = (...more: readonly object[]): PutKeyPolicyCommand => {
      const root = { Effect: "Allow", Principal: { AWS: accountId }, Action: "kms:*" };
      const Statement = [root, ...more].map((one) => ({ ...one, Resource: "*" }));
      return new PutKeyPolicyCommand({
        KeyId,
        Policy: JSON.stringify({ Version: "2012-10-17", Statement }),
      });
    };
    const deny = {
      Effect: "Deny",
      Principal: { Service: "qbusiness.amazonaws.com" },
      Action: "kms:Decrypt",
    };
    const locks: readonly (readonly [string, () => Promise<unknown>, () => Promise<unknown>])[] = [
      [
        "disabling",
        () => client.send(new DisableKeyCommand({ KeyId })),
        () => client.send(new EnableKeyCommand({ KeyId })),
      ],
      [
        "scheduling its deletion",
        () => client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })),
        async () => {
          await client.send(new CancelKeyDeletionCommand({ KeyId }));
          await client.send(new EnableKeyCommand({ KeyId }));
        },
      ],
      ["a policy against it", () => client.send(policy(deny)), () => client.send(policy())],
    ];
    for (const [what, lock, unlock] of locks) {
      assert.deepEqual(await ways(site), allOf("ok"), `before ${what}`);
      await lock();
      assert.deepEqual(await ways(site), allOf("AccessDeniedException"), what);
      await unlock();
      assert.deepEqual(await ways(site), allOf("ok"), `after ${what}`);
      assert.match((await ask(site, "Where does the heron nest?")).systemMessage ?? "", /willow/);
    }
    const [grant] = (await client.send(new ListGrantsCommand({ KeyId }))).Grants ?? [];
    await client.send(new RevokeGrantCommand({ KeyId, GrantId: grant?.GrantId }));
    assert.deepEqual(await ways(site), allOf("AccessDeniedException"), "revoking the grant");
    const { message } = await refusal(ask(site, "Where does the heron nest?"));
    assert.match(message, /service qbusiness|qbusiness\.amazonaws\.com.*kms:Decrypt/);
  });

  test("says why, and touches no other application", async () => {
    const site = await encrypted();
    const other = await makeEncryptedSite(world.server, await makeKey(world.server));
    await kms(world.server).send(new DisableKeyCommand({ KeyId: site.keyArn }));
    const { message, status } = await refusal(search(site, "heron"));
    assert.equal(status, 403);
    assert.ok(message.includes(`${site.keyArn} is disabled`), message);
    assert.deepEqual(await search(other, "heron"), []);
    const { applicationId } = site;
    // What it is called, and which key it has, is not locked: otherwise nobody could tell.
    const read = await site.client.send(new GetApplicationCommand({ applicationId }));
    assert.equal(read.encryptionConfiguration?.kmsKeyId, site.keyArn);
    await site.client.send(new DeleteApplicationCommand({ applicationId }));
    await eventually("a locked application can be deleted", async () => {
      const sent = refusal(site.client.send(new GetApplicationCommand({ applicationId })));
      return sent.then(
        ({ name }) => name === "ResourceNotFoundException",
        () => false,
      );
    });
  });

  test("holds up work that is under way, and loses none of it", async () => {
    const { server } = world;
    const bucket = world.bucket();
    await mkdir(bucket.folder, { recursive: true });
    for (let n = 0; n < 150; n += 1) await bucket.put(`${n}.txt`, `The heron ${n} in pond ${n}.`);
    const keyArn = await makeKey(server);
    const source = await makeSource(await makeEncryptedSite(server, keyArn), bucket.name);
    for (let n = 0; n < 10; n += 1) await put(source, `put-${n}`, `The otter number ${n}.`);
    const executionId = await startSync(source);
    await kms(server).send(new DisableKeyCommand({ KeyId: keyArn }));
    assert.equal((await refusal(startSync(source))).name, "AccessDeniedException");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await kms(server).send(new EnableKeyCommand({ KeyId: keyArn }));
    const job = await endOf(source, executionId);
    assert.deepEqual([job.status, counts(job)], ["SUCCEEDED", "150 150 0 0 0"]);
    await eventually("all documents are indexed", async () =>
      [...(await listDocuments(source)).values()].every(({ status }) => status === "INDEXED"),
    );
    assert.equal((await listDocuments(source)).size, 160);
    assert.equal(counts(await sync(source)), "150 0 0 0 0");
  });
});
