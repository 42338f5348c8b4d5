// "IAM role for Amazon S3 connector", section by section: as it is printed, and as it was meant.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  type DataSourceSyncJob,
  DeleteApplicationCommand,
  DeleteDataSourceCommand,
  DeleteIndexCommand,
  DeleteRetrieverCommand,
  GetDataSourceCommand,
} from "@aws-sdk/client-qbusiness";
import { runCli } from "../../src/cli/cli.ts";
import type { Finding } from "../../src/cli/doctor/findings.ts";
import { testConsole } from "../../src/cli/testing/console.ts";
import { policyFolder } from "../../src/cli/testing/policy-console.ts";
import { systemClock } from "../../src/core/clock.ts";
import { type PlainS3Server, startPlainS3Server } from "../../src/objects/plain-s3-server.test.ts";
import { type ChildServer, startChild } from "../support/child-server.ts";
import { makeKey } from "../support/encryption-site.ts";
import {
  accountId,
  counts,
  listDocuments,
  makeSite,
  region,
  search,
  type Site,
  sync,
} from "../support/site.ts";
import { fillIn, openShell, type Page, readPage, type Shell } from "../support/source-documents.ts";
import { bucket, direct, env, messageOf, networkOf, open } from "../support/zoned.ts";

const page = readPage("connector");
const sealed = "private/merger.txt";
const ferry = `s3://${bucket}/docs/ferry.txt`;

/** Every member of the template. */
const template = {
  type: "S3",
  syncMode: "FORCED_FULL_CRAWL",
  version: "1.0.0",
  connectionConfiguration: { repositoryEndpointMetadata: { BucketName: bucket } },
  repositoryConfigurations: {
    document: {
      fieldMappings: [
        {
          indexFieldName: "s3_document_id",
          indexFieldType: "STRING",
          dataSourceFieldName: "s3_document_id",
        },
      ],
    },
  },
  additionalProperties: {
    inclusionPrefixes: ["docs/", "private/"],
    exclusionPrefixes: ["docs/old/"],
    inclusionPatterns: ["*.txt", "*.tmp"],
    exclusionPatterns: ["*.tmp"],
    aclConfigurationFilePath: "/control/acl.json",
    metadataFilesPrefix: "control/meta/",
    maxFileSizeInMegaBytes: "1",
    enableDeletionProtection: "true",
    deletionProtectionThreshold: "15",
  },
};

const objects: Readonly<Record<string, string | object>> = {
  "docs/ferry.txt": "The ferry to the island leaves at noon.",
  "docs/keeper.txt": "The lighthouse keeper retired in June.",
  "docs/draft.tmp": "A draft about the ferry.",
  "docs/old/ferry.txt": "The ferry of old left at dawn.",
  "docs/big.txt": "a ".repeat(600_000),
  "other/ferry.txt": "Another ferry.",
  [sealed]: "The merger of Gull and Heron closes in May.",
  "control/meta/docs/keeper.txt.metadata.json": {
    DocumentId: "keeper",
    Title: "The keeper",
    Attributes: { _category: "people" },
  },
  "control/acl.json": [
    {
      keyPrefix: `s3://${bucket}/private/`,
      aclEntries: [{ Name: "alice@example.com", Type: "USER", Access: "ALLOW" }],
    },
  ],
};

type Statement = Readonly<Record<string, unknown>>;
type Policy = { readonly Version: string; readonly Statement: readonly Statement[] };

describe("the page on the S3 connector's role", () => {
  let dataDir: string;
  let store: PlainS3Server;
  let server: ChildServer;
  let shell: Shell | undefined;
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "quarry-page-"));
    store = await startPlainS3Server(bucket);
    for (const [key, value] of Object.entries(objects)) {
      store.objects.set(
        key,
        Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
      );
    }
    const network = networkOf(1, [Number(new URL(store.endpoint).port)]);
    server = await startChild(dataDir, {}, { s3Endpoint: store.endpoint, network, env });
    shell = await openShell(server);
  });
  after(async () => {
    await shell?.[Symbol.asyncDispose]();
    await server.stop();
    await store[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  type Given = {
    readonly shell: Shell;
    readonly page: Page;
    readonly site: Site;
    /** The page's documents in order: role, statement for KMS, role in a VPC, trust. */
    readonly filled: readonly string[];
  };
  /** A test with an application of its own, the page and the CLI at hand. */
  function walk(name: string, body: (given: Given) => Promise<void>): void {
    test(name, async (t) => {
      if (page === undefined) return t.skip("shared/sources is not here");
      if (shell === undefined) return t.skip("the AWS CLI is not on PATH");
      const site = await makeSite(server);
      const values = {
        region,
        account_id: accountId,
        source_account: accountId,
        application_id: site.applicationId,
        index_id: site.indexId,
        input_bucket_name: bucket,
        subnet_ids: direct,
        security_group: open,
      };
      const filled = page.documents.map((text) => fillIn(text, values));
      await body({ shell, page, site, filled });
    });
  }
  const trustOf = ({ filled }: Given): string =>
    (filled[3] ?? "").replace('"Service": ""', '"Service": "qbusiness.amazonaws.com"');

  /** A role as the page makes it, with the CLI; gives its ARN and what puts other policies. */
  async function makeRole(given: Given, policy: string) {
    const name = `QBusiness-${given.site.applicationId}`;
    await given.shell.save("trust.json", trustOf(given));
    const role = ["--role-name", name];
    const { Role } = await given.shell.aws<{ readonly Role: { readonly Arn: string } }>([
      "iam",
      "create-role",
      ...role,
      "--assume-role-policy-document",
      "file://policies/trust.json",
    ]);
    const put = async (text: string): Promise<void> => {
      await given.shell.save("role.json", text);
      const command = ["iam", "put-role-policy", ...role, "--policy-name", "connector"];
      await given.shell.aws([...command, "--policy-document", "file://policies/role.json"]);
    };
    if (policy !== "") await put(policy);
    return { name, roleArn: Role.Arn, put };
  }

  async function makeDataSource({ shell: cli, site }: Given, more: object) {
    const { applicationId, indexId } = site;
    const input = { applicationId, indexId, displayName: "s3", configuration: template, ...more };
    const { dataSourceId } = await cli.aws<{ readonly dataSourceId: string }>([
      "qbusiness",
      "create-data-source",
      "--cli-input-json",
      JSON.stringify(input),
    ]);
    return { dataSourceId, source: { ...site, dataSourceId, bucket, roleArn: "", roleName: "" } };
  }

  const summary = (job: DataSourceSyncJob): string => `${job.status} ${counts(job)}`;

  async function codesOf(text: string, ...flags: readonly string[]): Promise<string> {
    await using folder = await policyFolder();
    await folder.put("policy.json", text);
    return (await folder.run(["validate", "policy.json", ...flags])).out;
  }

  walk("a policy comes before the resource: no data source without a role", async (given) => {
    const { applicationId, indexId } = given.site;
    const input = { applicationId, indexId, displayName: "s3", configuration: template };
    const command = ["qbusiness", "create-data-source", "--cli-input-json", JSON.stringify(input)];
    assert.match(await given.shell.refused(command), /\(ValidationException\).*roleArn/);
  });

  walk(
    "the trust policy names no service as printed, and the service once repaired",
    async (given) => {
      await given.shell.save("printed.json", given.filled[3] ?? "");
      const err = await given.shell.refused([
        "iam",
        "create-role",
        "--role-name",
        "Printed",
        "--assume-role-policy-document",
        "file://policies/printed.json",
      ]);
      assert.match(err, /\(MalformedPolicyDocument\).*Invalid principal in policy: "SERVICE":""/);
      assert.match(
        await codesOf(given.filled[3] ?? ""),
        /did you mean qbusiness\.amazonaws\.com\?/,
      );
      assert.match(await codesOf(trustOf(given)), /ok +trust policy/);
    },
  );

  walk("the role policy fills an index as its template says, and no more", async (given) => {
    const printed = given.page.documents[0] ?? "";
    assert.match(await codesOf(printed), /fill in \{\{region\}\}, \{\{source_account\}\}, /);
    const { roleArn } = await makeRole(given, given.filled[0] ?? "");
    const { source } = await makeDataSource(given, { roleArn });
    assert.equal(summary(await sync(source)), "SUCCEEDED 3 3 0 0 0");
    const ids = [...(await listDocuments(source)).keys()].toSorted();
    assert.deepEqual(ids, ["keeper", ferry, `s3://${bucket}/${sealed}`].toSorted());
    const { applicationId, indexId, dataSourceId } = source;
    const path = { applicationId, indexId, dataSourceId };
    const made = await source.client.send(new GetDataSourceCommand(path));
    assert.deepEqual(made.configuration, template);
    // Visitors have no names, so the list of the ACL file lets none of them in.
    const found = await search(source, "When does the merger of Gull and Heron close?");
    assert.ok(!found.includes(`s3://${bucket}/${sealed}`), found.join());
    assert.equal((await search(source, "When does the ferry leave?"))[0], ferry);
  });

  walk("a managed policy will do as well as an inline one, also for the doctor", async (given) => {
    const { name, roleArn } = await makeRole(given, "");
    const { source } = await makeDataSource(given, { roleArn, displayName: "managed" });
    const check = async (): Promise<Finding | undefined> => {
      const argv = ["doctor", "--json", "--endpoint", server.url, "--data-dir", dataDir];
      const console = testConsole(argv, { cwd: dataDir, now: systemClock });
      await runCli(console);
      const { findings } = JSON.parse(console.out()) as { readonly findings: readonly Finding[] };
      return findings.find((one) => one.check === "data source managed, role");
    };
    const missing = await check();
    assert.match(missing?.found ?? "", /s3:ListBucket .* is not allowed/);
    assert.match(missing?.next ?? "", /quarry policy write --for s3-connector --application /);
    await given.shell.save("managed.json", given.filled[0] ?? "");
    const { Policy: made } = await given.shell.aws<{ readonly Policy: { readonly Arn: string } }>([
      "iam",
      "create-policy",
      "--policy-name",
      name,
      "--policy-document",
      "file://policies/managed.json",
    ]);
    await given.shell.aws([
      "iam",
      "attach-role-policy",
      "--role-name",
      name,
      "--policy-arn",
      made.Arn,
    ]);
    assert.equal(summary(await sync(source)), "SUCCEEDED 3 3 0 0 0");
    assert.equal((await check())?.status, "ok");
  });

  walk(
    "the statement for KMS is no policy, and decrypts no object until it names S3",
    async (given) => {
      const keyArn = await makeKey(server);
      const [role = "", printed = ""] = given.filled;
      const statement = fillIn(printed, { key_id: keyArn.slice(keyArn.lastIndexOf("/") + 1) });
      await given.shell.save("statement.json", statement);
      const command = ["iam", "create-policy", "--policy-name", "kms", "--policy-document"];
      const err = await given.shell.refused([...command, "file://policies/statement.json"]);
      assert.match(err, /\(MalformedPolicyDocument\)/);
      const { Version, Statement } = JSON.parse(role) as Policy;
      const pasted = JSON.stringify({ Version, Statement: [...Statement, JSON.parse(statement)] });
      assert.match(await codesOf(pasted, "--encrypted-objects"), /VIA_SERVICE_MISMATCH/);
      const { roleArn, put } = await makeRole(given, pasted);
      const { source } = await makeDataSource(given, { roleArn });
      store.extraHeaders.set(sealed, {
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": keyArn,
      });
      try {
        assert.equal(summary(await sync(source)), "INCOMPLETE 3 2 0 0 1");
        const failed = (await listDocuments(source)).get(`s3://${bucket}/${sealed}`);
        assert.match(failed?.error?.errorMessage ?? "", /perform: kms:Decrypt on resource: arn:/);
        await put(pasted.replace("secretsmanager.*", `s3.${region}.amazonaws.com`));
        assert.match(summary(await sync(source)), /^SUCCEEDED 3 1 2 0 0$/);
      } finally {
        store.extraHeaders.delete(sealed);
      }
    },
  );

  walk(
    "the policy for a VPC makes interfaces, which it cannot delete as printed",
    async (given) => {
      const [role = "", , network = ""] = given.filled;
      const { roleArn, put } = await makeRole(given, role);
      const vpcConfiguration = { subnetIds: [direct], securityGroupIds: [open] };
      const { source } = await makeDataSource(given, { roleArn, vpcConfiguration });
      const refused = await sync(source);
      assert.equal(refused.status, "FAILED");
      assert.match(messageOf(refused), /perform: ec2:CreateNetworkInterface on resource: .*subnet/);
      await put(network);
      // What the role may not delete, the service releases.
      assert.equal(summary(await sync(source)), "SUCCEEDED 3 3 0 0 0");
      assert.match(await codesOf(network), /UNSUPPORTED_ACTION_FOR_CONDITION_KEY .*DeleteNetwork/);
      const input = { subnetIds: ["subnet-0f0f0f0f"], securityGroupIds: [open] };
      const { applicationId, indexId, dataSourceId } = source;
      const path = { applicationId, indexId, dataSourceId, vpcConfiguration: input };
      const command = ["qbusiness", "update-data-source", "--cli-input-json", JSON.stringify(path)];
      assert.match(await given.shell.refused(command), /The subnet ID 'subnet-0f0f0f0f' does not/);
    },
  );

  walk("what was made can be unmade, from the data source to the role", async (given) => {
    const { name, roleArn } = await makeRole(given, given.filled[0] ?? "");
    const { source } = await makeDataSource(given, { roleArn });
    await sync(source);
    const { applicationId, indexId, dataSourceId, retrieverId, client } = source;
    await client.send(new DeleteDataSourceCommand({ applicationId, indexId, dataSourceId }));
    await client.send(new DeleteRetrieverCommand({ applicationId, retrieverId }));
    await client.send(new DeleteIndexCommand({ applicationId, indexId }));
    await client.send(new DeleteApplicationCommand({ applicationId }));
    const application = ["--application-id", applicationId];
    const gone = await given.shell.refused(["qbusiness", "get-application", ...application]);
    assert.match(gone, /\(ResourceNotFoundException\)/);
    const role = ["--role-name", name];
    const early = await given.shell.refused(["iam", "delete-role", ...role]);
    assert.match(early, /\(DeleteConflict\).*must delete policies first/);
    await given.shell.aws(["iam", "delete-role-policy", ...role, "--policy-name", "connector"]);
    await given.shell.aws(["iam", "delete-role", ...role]);
  });
});
