import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateDataSourceCommand,
  DeleteDataSourceCommand,
  GetDataSourceCommand,
  UpdateDataSourceCommand,
} from "@aws-sdk/client-qbusiness";
import { runCli } from "../../src/cli/cli.ts";
import type { Finding } from "../../src/cli/doctor/findings.ts";
import { testConsole } from "../../src/cli/testing/console.ts";
import { startHttpProxy, type TestProxy } from "../../src/network/testing/proxies.ts";
import { type PlainS3Server, startPlainS3Server } from "../../src/objects/plain-s3-server.test.ts";
import { type NetworkAttachment, networkAttachments, openReader } from "../../src/store/store.ts";
import { type ChildServer, startChild } from "../support/child-server.ts";
import { refusal } from "../support/clients.ts";
import {
  accountId,
  counts,
  endOf,
  makeRole,
  makeSite,
  pathOf,
  putRolePolicy,
  region,
  s3Configuration,
  type Site,
  type Source,
  startSync,
  sync,
} from "../support/site.ts";
import {
  bucket,
  direct,
  env,
  functionArn,
  makeZoned,
  messageOf,
  networkOf,
  open,
  proxied,
  shut,
  type Statement,
} from "../support/zoned.ts";

/** A function that changes nothing. */
async function startFunction() {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    request.resume();
    request.on("end", () => response.end('{"version":"v0"}'));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, calls: () => calls, close: () => server.close() };
}

describe("a data source in a zone", () => {
  let store: PlainS3Server;
  let proxy: TestProxy;
  let server: ChildServer;
  let site: Site;
  let dataDir: string;
  let enrich: Awaited<ReturnType<typeof startFunction>>;
  let s3Port: number;
  const start = async (): Promise<void> => {
    server = await startChild(
      dataDir,
      {},
      {
        // A name, so that there is something to resolve.
        s3Endpoint: `http://localhost:${s3Port}`,
        network: networkOf(proxy.port, [s3Port, enrich.port]),
        hooks: { [functionArn]: `http://127.0.0.1:${enrich.port}/` },
        env,
      },
    );
  };
  before(async () => {
    store = await startPlainS3Server(bucket);
    s3Port = Number(new URL(store.endpoint).port);
    proxy = await startHttpProxy();
    enrich = await startFunction();
    dataDir = await mkdtemp(join(tmpdir(), "quarry-zone-"));
    await start();
    site = await makeSite(server);
  });
  after(async () => {
    await server.stop();
    enrich.close();
    await proxy[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });
  beforeEach(() => {
    store.objects.clear();
    store.objects.set("a.txt", Buffer.from("The gate at the harbour closes at nine."));
    store.objects.set("b.txt", Buffer.from("The ferry leaves at noon."));
    store.fault = () => undefined;
    store.requests.length = 0;
    proxy.asked.length = 0;
    proxy.answer = 0;
  });

  async function attachments(source: Source): Promise<readonly NetworkAttachment[]> {
    const reader = openReader(join(dataDir, "quarry.db"));
    try {
      return await networkAttachments.list(reader, source.dataSourceId);
    } finally {
      await reader.destroy();
    }
  }

  const statuses = async (source: Source) =>
    (await attachments(source)).map(({ status, releasedBy = "" }) => `${status} ${releasedBy}`);

  test("reads and calls through the zone's proxy, with the role that policy write makes", async () => {
    const hookRole = await makeRole(site.iam, `hook-${randomUUID()}`, {
      trust: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "qbusiness.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      },
      policy: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: functionArn }],
      },
    });
    const source = await makeZoned(site, proxied, open, {
      documentEnrichmentConfiguration: {
        postExtractionHookConfiguration: { lambdaArn: functionArn, roleArn: hookRole },
      },
    });
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    assert.equal(enrich.calls(), 2);
    assert.deepEqual(
      new Set(proxy.asked),
      new Set([`127.0.0.1:${s3Port}`, `127.0.0.1:${enrich.port}`]),
      "addresses, not names",
    );
    assert.deepEqual(await statuses(source), ["released role"]);
    // Nothing goes by another way: a proxy that refuses leaves the store and the function alone.
    proxy.answer = 403;
    store.requests.length = 0;
    const refused = await sync(source);
    assert.equal(refused.status, "FAILED");
    assert.match(messageOf(refused), /The proxy 127\.0\.0\.1:\d+ answered 403/);
    assert.deepEqual([store.requests.length, enrich.calls()], [0, 2]);
    assert.deepEqual(await statuses(source), ["released role", "released role"]);
    const { vpcConfiguration } = await site.client.send(new GetDataSourceCommand(pathOf(source)));
    assert.deepEqual(vpcConfiguration, { subnetIds: [proxied], securityGroupIds: [open] });
  });

  test("reaches nothing that its security groups do not allow", async () => {
    const source = await makeZoned(site, proxied, shut);
    const job = await sync(source);
    assert.equal(job.status, "FAILED");
    assert.match(messageOf(job), /localhost, port \d+, is refused: no security group allows/);
    assert.deepEqual([proxy.asked.length, store.requests.length], [0, 0]);
    const vpcConfiguration = { subnetIds: [proxied], securityGroupIds: [shut, open] };
    const ids = pathOf(source);
    await site.client.send(new UpdateDataSourceCommand({ ...ids, vpcConfiguration }));
    const denied = await sync(source);
    assert.match(messageOf(denied), new RegExp(`security-group/${open} because`), "a new group");
    const all = JSON.stringify(source.policy).replace(`security-group/${shut}`, "security-group/*");
    await putRolePolicy(site.iam, source.roleName, JSON.parse(all) as object);
    assert.equal((await sync(source)).status, "SUCCEEDED");
  });

  test("of backend none connects directly, whatever the groups say, and is noted", async () => {
    const source = await makeZoned(site, direct, shut);
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    assert.deepEqual(proxy.asked, []);
    assert.deepEqual(await statuses(source), ["released role"]);
  });

  test("fails its sync without one of the five permissions, and names the first", async () => {
    const source = await makeZoned(site, proxied, open);
    const ec2 = `arn:aws:ec2:${region}:${accountId}`;
    const dropped = (sid: string) => (statement: Statement) =>
      statement["Sid"] === sid ? [] : [statement];
    const narrowed = (text: string) => (statement: Statement) => {
      const { Resource } = statement;
      const kept = Array.isArray(Resource)
        ? Resource.filter((arn) => !String(arn).includes(text))
        : Resource;
      return [{ ...statement, Resource: kept }];
    };
    const steps: readonly (readonly [(statement: Statement) => Statement[], string])[] = [
      [narrowed(":subnet/"), `ec2:CreateNetworkInterface on resource: ${ec2}:subnet/${proxied}`],
      [
        narrowed(":security-group/"),
        `ec2:CreateNetworkInterface on resource: ${ec2}:security-group/${open}`,
      ],
      [
        dropped("AllowsAmazonQToCreateENI"),
        `ec2:CreateNetworkInterface on resource: ${ec2}:network-interface/*`,
      ],
      [
        dropped("AllowsAmazonQToCreateTags"),
        `ec2:CreateTags on resource: ${ec2}:network-interface/eni-`,
      ],
      [
        dropped("AllowsAmazonQToCreateNetworkInterfacePermission"),
        `ec2:CreateNetworkInterfacePermission on resource: ${ec2}:network-interface/eni-`,
      ],
    ];
    for (const [take, words] of steps) {
      const { policy } = source;
      const Statement = policy.Statement.flatMap(take);
      await putRolePolicy(site.iam, source.roleName, { ...policy, Statement });
      const job = await sync(source);
      assert.equal(job.status, "FAILED");
      assert.equal(job.dataSourceErrorCode, "UnauthorizedOperation");
      assert.ok(messageOf(job).includes(`is not authorized to perform: ${words}`), messageOf(job));
      assert.match(messageOf(job), /because no identity-based policy allows the ec2:/);
    }
    assert.deepEqual([proxy.asked.length, store.requests.length], [0, 0], "nobody was asked");
    assert.ok((await statuses(source)).every((status) => status.startsWith("released")));
    await putRolePolicy(site.iam, source.roleName, source.policy);
    assert.equal((await sync(source)).status, "SUCCEEDED");
  });

  test("is looked at by the doctor, who names what its role lacks", async () => {
    const source = await makeZoned(site, proxied, open);
    const zone = `${proxied}=vpc:vpc-0a1b2c3d availability-zone:${region}a`;
    const { accessKeyId, secretAccessKey } = server.rootKey;
    const doctor = async (...flags: readonly string[]) => {
      const argv = ["doctor", "--endpoint", server.url, "--data-dir", dataDir, "--json", ...flags];
      const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
      const console = testConsole(argv, { env: keys, now: () => new Date() });
      await runCli(console);
      const { findings } = JSON.parse(console.out()) as { readonly findings: readonly Finding[] };
      return findings.filter(({ check }) => /^zone |zoned, (role|network)/.test(check));
    };
    const settings = ["--zone", zone, "--security-group", `${open}=127.0.0.0/8:*`];
    const well = await doctor(...settings);
    assert.match(JSON.stringify(well), /"ok","check":"zone subnet-0a1b2c3d"/);
    const Statement = source.policy.Statement.filter(
      ({ Sid }) => Sid !== "AllowsAmazonQToCreateTags",
    );
    await putRolePolicy(site.iam, source.roleName, { ...source.policy, Statement });
    const lacking = (await doctor(...settings)).filter(({ status }) => status === "fail");
    assert.match(JSON.stringify(lacking), /ec2:CreateTags on arn:[^ ]+ is not allowed/);
    const blind = await doctor();
    assert.match(JSON.stringify(blind), /"warn","check":"data source zoned, network"/);
  });

  /** Starts a sync that hangs in the middle. */
  async function hanging(source: Source): Promise<string> {
    store.fault = (path) => (path.includes("a.txt") ? { kind: "stall" } : undefined);
    const executionId = await startSync(source);
    for (let tries = 0; !store.requests.some((one) => one.includes("a.txt")); tries += 1) {
      assert.ok(tries < 500, "the object was not asked for");
      await sleep(10);
    }
    assert.deepEqual((await statuses(source)).slice(-1), ["in-use "]);
    return executionId;
  }

  test("releases at its deletion what a running sync holds", async () => {
    const source = await makeZoned(site, proxied, open);
    await hanging(source);
    await site.client.send(new DeleteDataSourceCommand(pathOf(source)));
    for (let tries = 0; (await attachments(source)).length > 0; tries += 1) {
      assert.ok(tries < 500, "it still holds an attachment");
      await sleep(10);
    }
  });

  test("is released and attached anew by the next start after kill -9", async () => {
    const source = await makeZoned(site, proxied, open);
    const executionId = await hanging(source);
    await server.kill();
    const [left] = await attachments(source);
    assert.equal(left?.status, "in-use");
    store.fault = () => undefined;
    await start();
    site = { ...site, ...(await makeSite(server)) };
    const again = { ...source, client: site.client };
    assert.equal((await endOf(again, executionId)).status, "SUCCEEDED");
    const [first, second, ...others] = await attachments(source);
    assert.deepEqual(others, []);
    assert.deepEqual([first?.id, first?.status], [left?.id, "released"]);
    assert.deepEqual([second?.status, second?.executionId], ["released", executionId]);
  });

  test("is refused where subnets and groups are none of the operator's", async () => {
    const { applicationId, indexId } = site;
    const source = await makeZoned(site, proxied, open);
    const create = (vpcConfiguration: object, configuration: object = s3Configuration(bucket)) =>
      refusal(
        site.client.send(
          new CreateDataSourceCommand({
            applicationId,
            indexId,
            displayName: "refused",
            roleArn: source.roleArn,
            configuration: configuration as never,
            vpcConfiguration: vpcConfiguration as never,
          }),
        ),
      );
    const groups = { securityGroupIds: [open] };
    for (const [vpc, words] of [
      [{ ...groups, subnetIds: ["subnet-00000000"] }, /'subnet-00000000' does not exist/],
      [{ ...groups, subnetIds: ["here"] }, /'here' is malformed/],
      [{ ...groups, subnetIds: [proxied, direct] }, /not of VPC 'vpc-0a1b2c3d'/],
      [{ subnetIds: [proxied], securityGroupIds: ["sg-00000000"] }, /securityGroupIds.*not exist/],
      [{ subnetIds: [proxied], securityGroupIds: [] }, /securityGroupIds/],
      [{ subnetIds: [proxied], securityGroupIds: Array(11).fill(open) }, /securityGroupIds/],
    ] as const) {
      const refused = await create(vpc);
      assert.equal(refused.name, "ValidationException");
      assert.match(refused.message, words);
    }
    const custom = { type: "CUSTOM", version: "1.0.0" };
    assert.match((await create({ ...groups, subnetIds: [proxied] }, custom)).message, /null/);
    const vpcConfiguration = { ...groups, subnetIds: ["subnet-00000000"] };
    const update = new UpdateDataSourceCommand({ ...pathOf(source), vpcConfiguration });
    assert.match((await refusal(site.client.send(update))).message, /does not exist/);
  });
});
