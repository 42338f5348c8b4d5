import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import type { DataSourceSyncJob } from "@aws-sdk/client-qbusiness";
import { s3ConnectorPolicy, s3ConnectorTrustPolicy } from "../../src/cli/policy/policies.ts";
import {
  accountId,
  counts,
  listDocuments,
  putRolePolicy,
  region,
  search,
  type Source,
  sync,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

const files = {
  "a.txt": "The lighthouse keeper of Vardø retired in June.",
  "b.txt": "The ferry to Vardø leaves at noon.",
};

type Statement = {
  Action: string | readonly string[];
  Condition?: Record<string, Record<string, string>>;
  Principal?: unknown;
};
type Policy = { readonly Version: string; Statement: Statement[] };

function placeOf({ applicationId, indexId, bucket }: Source) {
  return { region, accountId, applicationId, indexId, bucket };
}

/** The published policy, changed. */
function rolePolicy(source: Source, change: (statements: Statement[]) => Statement[]): object {
  const policy = structuredClone(s3ConnectorPolicy(placeOf(source))) as unknown as Policy;
  return { ...policy, Statement: change(policy.Statement) };
}

function without(action: string): (statements: Statement[]) => Statement[] {
  return (statements) =>
    statements.flatMap((statement) => {
      const actions = [statement.Action].flat().filter((one) => one !== action);
      return actions.length === 0 ? [] : [{ ...statement, Action: actions }];
    });
}

async function setTrust(
  source: Source,
  change: (statement: Statement) => Statement,
): Promise<void> {
  const policy = structuredClone(s3ConnectorTrustPolicy(placeOf(source))) as unknown as Policy;
  await source.iam.send(
    new UpdateAssumeRolePolicyCommand({
      RoleName: source.roleName,
      PolicyDocument: JSON.stringify({ ...policy, Statement: policy.Statement.map(change) }),
    }),
  );
}

function sessionOf(source: Source): string {
  return `arn:aws:sts::${accountId}:assumed-role/${source.roleName}/QBusiness-${source.dataSourceId}`;
}

function assertDenied(job: DataSourceSyncJob, message: string): void {
  assert.equal(job.status, "FAILED");
  assert.equal(job.error?.errorCode, "InvalidRequest");
  assert.equal(job.error?.errorMessage, message);
}

describe("the published role of the S3 connector", () => {
  let world: World;
  before(async () => {
    world = await openWorld(30);
  });
  after(() => world.close());

  test("lets a sync add, change and delete", async () => {
    const source = await world.source(files);
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    await source.files.remove("b.txt");
    assert.equal(counts(await sync(source)), "1 0 0 1 0");
  });

  const cases = [
    {
      name: "s3:ListBucket",
      change: without("s3:ListBucket"),
      denial: (source: Source) =>
        `s3:ListBucket on resource: arn:aws:s3:::${source.bucket} because no identity-based policy allows the s3:ListBucket action`,
    },
    {
      name: "s3:GetObject",
      change: without("s3:GetObject"),
      denial: (source: Source) =>
        `s3:GetObject on resource: arn:aws:s3:::${source.bucket}/a.txt because no identity-based policy allows the s3:GetObject action`,
    },
    {
      name: "the account in aws:ResourceAccount",
      change: (statements: Statement[]) =>
        statements.map((statement) =>
          statement.Condition === undefined
            ? statement
            : {
                ...statement,
                Condition: { StringEquals: { "aws:ResourceAccount": "999988887777" } },
              },
        ),
      denial: (source: Source) =>
        `s3:ListBucket on resource: arn:aws:s3:::${source.bucket} because no identity-based policy allows the s3:ListBucket action`,
    },
    {
      name: "qbusiness:BatchPutDocument",
      change: without("qbusiness:BatchPutDocument"),
      denial: (source: Source) =>
        `qbusiness:BatchPutDocument on resource: ${source.indexArn} because no identity-based policy allows the qbusiness:BatchPutDocument action`,
    },
  ];
  for (const { name, change, denial } of cases) {
    test(`without ${name} the sync fails in the service's words and adds nothing`, async () => {
      const source = await world.source(files);
      await putRolePolicy(source.iam, source.roleName, rolePolicy(source, change));
      const job = await sync(source);
      assertDenied(
        job,
        `User: ${sessionOf(source)} is not authorized to perform: ${denial(source)}`,
      );
      assert.equal(job.metrics?.documentsAdded, "0");
      for (const { status } of (await listDocuments(source)).values()) {
        assert.notEqual(status, "INDEXED");
      }
      assert.deepEqual(await search(source, "lighthouse keeper of Vardø"), []);
      await putRolePolicy(source.iam, source.roleName, s3ConnectorPolicy(placeOf(source)));
      assert.equal(counts(await sync(source)), "2 2 0 0 0", "mended, it goes on");
    });

    test(`without ${name} a later sync changes and deletes nothing`, async () => {
      const source = await world.source(files);
      await sync(source);
      await putRolePolicy(source.iam, source.roleName, rolePolicy(source, change));
      await source.files.put("a.txt", "The lighthouse keeper of Vardø came back.");
      await source.files.remove("b.txt");
      const job = await sync(source);
      assert.equal(job.status, "FAILED");
      assert.match(job.error?.errorMessage ?? "", /is not authorized to perform: /);
      assert.equal(job.metrics?.documentsDeleted, "0");
      assert.deepEqual((await search(source, "ferry to Vardø")).length, 2);
    });
  }

  test("without qbusiness:BatchDeleteDocument only a sync that deletes fails", async () => {
    const source = await world.source(files);
    const policy = rolePolicy(source, without("qbusiness:BatchDeleteDocument"));
    await putRolePolicy(source.iam, source.roleName, policy);
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    await source.files.remove("b.txt");
    const job = await sync(source);
    assertDenied(
      job,
      `User: ${sessionOf(source)} is not authorized to perform: qbusiness:BatchDeleteDocument on resource: ${source.indexArn} because no identity-based policy allows the qbusiness:BatchDeleteDocument action`,
    );
    assert.equal((await listDocuments(source)).size, 2);
  });

  const trusts = [
    {
      name: "another service",
      change: (s: Statement) => ({ ...s, Principal: { Service: "ec2.amazonaws.com" } }),
    },
    {
      name: "another aws:SourceAccount",
      change: (s: Statement) => ({
        ...s,
        Condition: { ...s.Condition, StringEquals: { "aws:SourceAccount": "999988887777" } },
      }),
    },
    {
      name: "another aws:SourceArn",
      change: (s: Statement) => ({
        ...s,
        Condition: {
          ...s.Condition,
          ArnLike: {
            "aws:SourceArn": `arn:aws:qbusiness:${region}:${accountId}:application/another`,
          },
        },
      }),
    },
  ];
  for (const { name, change } of trusts) {
    test(`a trust policy for ${name} ends the next sync, and nothing is deleted`, async () => {
      const source = await world.source(files);
      await sync(source);
      await setTrust(source, change);
      await source.files.remove("b.txt");
      const job = await sync(source);
      assertDenied(
        job,
        `User: qbusiness.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${source.roleArn} because no role trust policy allows the sts:AssumeRole action`,
      );
      assert.equal((await listDocuments(source)).size, 2);
      await setTrust(source, (statement) => statement);
      assert.equal(counts(await sync(source)), "1 0 0 1 0");
    });
  }

  test("a role that is deleted ends the next sync", async () => {
    const source = await world.source(files);
    const { iam, roleName: RoleName } = source;
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "own" }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
    const job = await sync(source);
    assert.equal(job.status, "FAILED");
    assert.match(job.error?.errorMessage ?? "", /not authorized to perform: sts:AssumeRole/);
  });

  test("an explicit Deny of one object fails that object alone, and its old text stays", async () => {
    const source = await world.source(files);
    await sync(source);
    const deny = {
      Effect: "Deny",
      Action: "s3:GetObject",
      Resource: `arn:aws:s3:::${source.bucket}/b.txt`,
    };
    await putRolePolicy(
      source.iam,
      source.roleName,
      rolePolicy(source, (statements) => [...statements, deny]),
    );
    await source.files.put("a.txt", "The lighthouse keeper of Vardø came back.");
    await source.files.put("b.txt", "The ferry to Vardø leaves at one.");
    const job = await sync(source);
    assert.equal(job.status, "INCOMPLETE");
    assert.equal(counts(job), "2 0 1 0 1");
    const failed = (await listDocuments(source)).get(`s3://${source.bucket}/b.txt`);
    assert.match(failed?.error?.errorMessage ?? "", /explicit deny in an identity-based policy/);
    await putRolePolicy(source.iam, source.roleName, s3ConnectorPolicy(placeOf(source)));
    assert.equal(counts(await sync(source)), "2 0 1 0 0", "denied objects are tried again");
  });
});
