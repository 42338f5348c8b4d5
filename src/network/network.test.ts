import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { networkStatements } from "../cli/policy/further.ts";
import { systemIds } from "../core/ids.ts";
import type { LogFields } from "../core/log.ts";
import type { NetworkConfig } from "../core/network-config.ts";
import { type Caller, createIdentity, newKeyId, roleCaller } from "../identity/identity.ts";
import {
  type Database,
  type IamEntity,
  iamStore,
  networkAttachments,
  openDatabase,
  resources,
} from "../store/store.ts";
import { createNetwork, type Network, type VpcConfiguration } from "./network.ts";

const accountId = "111122223333";
const applicationId = "a1b2c3d4-5678-4abc-8def-111111111111";
const dataSourceId = "c3d4e5f6-789a-4cde-8f01-333333333333";
const region = "us-east-1";
const at = new Date(1_700_000_000_000);
const subnetIds = ["subnet-0a1b2c3d", "subnet-0a1b2c3e"];
const securityGroupIds = ["sg-0a1b2c3d", "sg-0a1b2c3e"];
const vpc = { subnetIds, securityGroupIds };
const tag = `qbusiness_${accountId}_${applicationId}_${dataSourceId}`;

const zone = (vpcId: string) => ({
  vpcId,
  availabilityZone: "us-east-1a",
  backend: { kind: "none" } as const,
});
const config: NetworkConfig = {
  zones: {
    "subnet-0a1b2c3d": zone("vpc-0a1b2c3d"),
    "subnet-0a1b2c3e": zone("vpc-0a1b2c3d"),
    "subnet-0a1b2c3f": zone("vpc-0a1b2c3f"),
  },
  securityGroups: {
    "sg-0a1b2c3d": [],
    "sg-0a1b2c3e": [{ network: "127.0.0.0", prefixBits: 8, portFirst: 0, portLast: 65_535 }],
  },
};

type Statement = Readonly<Record<string, unknown>> & { readonly Sid?: unknown };

const written: readonly Statement[] = networkStatements(
  { region, accountId, applicationId },
  { subnetIds, securityGroupIds },
);

/** As the page publishes it: a deletion is allowed where the request has the tag, so never. */
const published: readonly Statement[] = written.flatMap((statement) => {
  if (statement.Sid === "AllowsAmazonQToDeleteENI") return [];
  if (statement.Sid !== "AllowsAmazonQToCreateENI") return [statement];
  return [{ ...statement, Action: ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"] }];
});

type Line = { readonly event: string; readonly fields: LogFields };

type House = AsyncDisposable & {
  readonly db: Database;
  readonly network: Network;
  readonly lines: Line[];
  readonly role: Caller;
  readonly allow: (statements: readonly Statement[]) => Promise<void>;
  /** The same database after a restart. */
  readonly restarted: () => Network;
};

async function house(): Promise<House> {
  const directory = await mkdtemp(join(tmpdir(), "quarry-network-"));
  const db = await openDatabase(join(directory, "quarry.db"));
  const root = { accessKeyId: "AKIAROOT", secretAccessKey: "secret" };
  const identity = createIdentity({ db, accountId, root, sealingKey: Buffer.alloc(32, 1) });
  const arn = `arn:aws:iam::${accountId}:role/Connector`;
  const applicationArn = `arn:aws:qbusiness:${region}:${accountId}:application/${applicationId}`;
  const entity: IamEntity = {
    id: newKeyId("AROA"),
    accountId,
    kind: "role",
    name: "Connector",
    path: "/",
    arn,
    trustPolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "qbusiness.amazonaws.com" },
          Action: "sts:AssumeRole",
        },
      ],
    }),
    record: {},
    createdAt: at,
  };
  await db.write(async (trx) => {
    await iamStore.insertEntity(trx, entity);
    const shared = { accountId, applicationId, status: "ACTIVE", at };
    await resources.insert(trx, {
      ...shared,
      id: applicationId,
      kind: "application",
      indexId: "",
      arn: applicationArn,
      record: {},
    });
    await resources.insert(trx, {
      ...shared,
      id: dataSourceId,
      kind: "dataSource",
      indexId: "index",
      arn: `${applicationArn}/index/index/data-source/${dataSourceId}`,
      record: { roleArn: arn },
    });
  });
  const lines: Line[] = [];
  const log = (_level: string, event: string, fields: LogFields = {}): void => {
    lines.push({ event, fields });
  };
  let ticks = 0;
  const now = (): Date => new Date(at.getTime() + (ticks += 1));
  const make = (): Network =>
    createNetwork({ db, identity, ids: systemIds, log, now, region, config });
  return {
    db,
    lines,
    network: make(),
    restarted: make,
    role: roleCaller(entity, "QBusiness-test"),
    allow: async (statements) => {
      const something = { Effect: "Allow", Action: "s3:ListBucket", Resource: "*" };
      const Statement = [something, ...statements.filter((one) => one["Resource"]?.toString())];
      const document = JSON.stringify({ Version: "2012-10-17", Statement });
      await db.write((trx) => iamStore.putPolicy(trx, entity.id, { name: "own", document }));
      identity.invalidate();
    },
    [Symbol.asyncDispose]: async () => {
      await db[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function connect({ network, role }: House, to: VpcConfiguration = vpc) {
  const executionId = "run";
  return network.connect(to, { accountId, applicationId, dataSourceId, executionId, role });
}

async function connected(from: House, to: VpcConfiguration = vpc) {
  const connection = await connect(from, to);
  assert.ok(!("refusal" in connection), JSON.stringify(connection));
  return connection;
}

async function statuses({ db }: House): Promise<readonly string[]> {
  const rows = await networkAttachments.list(db.read, dataSourceId);
  return rows.map(({ status, releasedBy }) => `${status}${releasedBy ? ` by ${releasedBy}` : ""}`);
}

const events = ({ lines }: House, event: string) => lines.filter((line) => line.event === event);

test("a subnet or a group that is malformed or unknown, or of another VPC, is told in EC2's words", () => {
  const { faultOf } = createNetwork({ ...({} as Parameters<typeof createNetwork>[0]), config });
  assert.equal(faultOf(vpc), undefined);
  assert.equal(faultOf({ ...vpc, subnetIds: ["subnet-0a1b2c3d", "subnet-0a1b2c3d"] }), undefined);
  for (const [changed, member, message] of [
    [{ subnetIds: ["s"] }, "subnetIds", "The subnet ID 's' is malformed"],
    [
      { subnetIds: ["subnet-00000000"] },
      "subnetIds",
      "The subnet ID 'subnet-00000000' does not exist",
    ],
    [{ securityGroupIds: ["toString"] }, "securityGroupIds", /'toString' is malformed/],
    [{ securityGroupIds: ["sg-00000000"] }, "securityGroupIds", /group ID .* does not exist/],
    [
      { subnetIds: ["subnet-0a1b2c3d", "subnet-0a1b2c3f"] },
      "subnetIds",
      /'subnet-0a1b2c3f' is not of VPC 'vpc-0a1b2c3d'/,
    ],
  ] as const) {
    const fault = faultOf({ ...vpc, ...changed });
    assert.equal(fault?.member, member);
    if (typeof message === "string") assert.equal(fault.message, message);
    else assert.match(fault.message, message);
  }
  const without = createNetwork({} as Parameters<typeof createNetwork>[0]);
  assert.match(without.faultOf(vpc)?.message ?? "", /does not exist/);
});

test("an attachment goes from pending to released, with the service's one tag", async () => {
  await using home = await house();
  await home.allow(written);
  const { release } = await connected(home);
  assert.deepEqual(await statuses(home), ["in-use", "in-use"]);
  const [first] = await networkAttachments.listHeld(home.db.read);
  assert.match(first?.id ?? "", /^eni-[0-9a-f]{17}$/);
  assert.deepEqual(first?.tags, { AMAZON_Q: tag });
  assert.deepEqual(first?.securityGroupIds, securityGroupIds);
  await release();
  assert.deepEqual(await statuses(home), ["released by role", "released by role"]);
  assert.deepEqual(events(home, "network.lint"), []);
});

const ec2 = `arn:aws:ec2:${region}:${accountId}`;

/** Each permission of the sequence: what takes it away, and the words of the denial. */
const steps: readonly (readonly [
  string,
  (statement: Statement) => readonly Statement[],
  RegExp,
])[] = [
  [
    "subnet",
    (statement) => [without(statement, "subnet/")],
    new RegExp(`ec2:CreateNetworkInterface on resource: ${ec2}:subnet/subnet-0a1b2c3d because`),
  ],
  [
    "security group",
    (statement) => [without(statement, "security-group/sg-0a1b2c3e")],
    new RegExp(`CreateNetworkInterface on resource: ${ec2}:security-group/sg-0a1b2c3e because`),
  ],
  [
    "interface",
    (statement) => (statement.Sid === "AllowsAmazonQToCreateENI" ? [] : [statement]),
    new RegExp(`ec2:CreateNetworkInterface on resource: ${ec2}:network-interface/\\* because`),
  ],
  [
    "tags",
    (statement) => (statement.Sid === "AllowsAmazonQToCreateTags" ? [] : [statement]),
    new RegExp(`ec2:CreateTags on resource: ${ec2}:network-interface/eni-[0-9a-f]{17} because`),
  ],
  [
    "permission",
    (statement) =>
      statement.Sid === "AllowsAmazonQToCreateNetworkInterfacePermission" ? [] : [statement],
    new RegExp(`ec2:CreateNetworkInterfacePermission on resource: ${ec2}:network-interface/eni-`),
  ],
];

function without(statement: Statement, text: string): Statement {
  const { Resource } = statement;
  if (!Array.isArray(Resource)) return statement;
  return { ...statement, Resource: Resource.filter((arn) => !String(arn).includes(text)) };
}

test("each permission of the sequence is needed, and the first that is missing is named", async () => {
  await using home = await house();
  for (const [at1, [name, take, words]] of steps.entries()) {
    await home.allow(written.flatMap(take));
    const connection = await connect(home);
    assert.ok("refusal" in connection, name);
    assert.match(connection.refusal, words);
    const user = `User: arn:aws:sts::${accountId}:assumed-role/Connector/QBusiness-test is not`;
    assert.ok(connection.refusal.startsWith(user), connection.refusal);
    // What every later step lacks too is not said.
    const later = steps.slice(at1).map(([, takeLater]) => takeLater);
    await home.allow(later.reduce((all, one) => all.flatMap(one), written));
    const many = await connect(home);
    assert.ok("refusal" in many);
    assert.match(many.refusal, words, `${name} first`);
    assert.deepEqual(await networkAttachments.listHeld(home.db.read), [], "nothing is held");
  }
  await home.allow([]);
  const nothing = await connect(home);
  assert.match("refusal" in nothing ? nothing.refusal : "", /subnet\/subnet-0a1b2c3d/);
});

test("zones that are gone since the data source was made are told", async () => {
  await using home = await house();
  for (const [changed, code] of [
    [{ subnetIds: ["subnet-00000000"] }, "InvalidSubnetID.NotFound"],
    [{ securityGroupIds: ["sg-00000000"] }, "InvalidGroup.NotFound"],
  ] as const) {
    const connection = await connect(home, { ...vpc, ...changed });
    assert.ok("refusal" in connection);
    assert.equal(connection.code, code);
    assert.match(connection.refusal, /does not exist\.$/);
  }
});

test("a denial in the second zone releases the first, and an explicit Deny is told as such", async () => {
  await using home = await house();
  const Resource = `${ec2}:subnet/subnet-0a1b2c3e`;
  await home.allow([
    ...written,
    { Effect: "Deny", Action: "ec2:CreateNetworkInterface", Resource },
  ]);
  const connection = await connect(home);
  assert.match(
    "refusal" in connection ? connection.refusal : "",
    /subnet-0a1b2c3e with an explicit deny in an identity-based policy$/,
  );
  assert.deepEqual(await statuses(home), ["released by role"]);
});

test("conditions see the keys of each step", async () => {
  await using home = await house();
  const conditions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    AllowsAmazonQToCreateENIInNetwork: { "ec2:Vpc": `${ec2}:vpc/vpc-0a1b2c3d` },
    AllowsAmazonQToCreateENI: { "ec2:Subnet": `${ec2}:subnet/subnet-0a1b2c3d` },
    AllowsAmazonQToCreateTags: { "aws:ResourceTag/AMAZON_Q": tag, "ec2:Region": region },
    AllowsAmazonQToCreateNetworkInterfacePermission: {
      "ec2:AuthorizedService": "qbusiness.amazonaws.com",
      "ec2:Permission": "INSTANCE-ATTACH",
      "ec2:ResourceTag/AMAZON_Q": tag,
      "ec2:AvailabilityZone": "us-east-1a",
    },
    AllowsAmazonQToDeleteENI: { "aws:ResourceAccount": accountId },
  };
  const one = { ...vpc, subnetIds: ["subnet-0a1b2c3d"] };
  const conditioned = (change: (value: string) => string, only?: string): readonly Statement[] =>
    written.map((statement) => {
      const keys = Object.entries(conditions[String(statement.Sid)] ?? {});
      const isChanged = only === undefined || statement.Sid === only;
      const equals = keys.map(([key, value]) => [key, isChanged ? change(value) : value]);
      const own = { StringEquals: Object.fromEntries(equals) as object };
      return keys.length === 0 ? statement : { ...statement, Condition: own };
    });
  await home.allow(conditioned((value) => value));
  const { release } = await connected(home, one);
  await release();
  assert.deepEqual(await statuses(home), ["released by role"]);
  for (const sid of Object.keys(conditions).filter((name) => !name.includes("Delete"))) {
    await home.allow(conditioned((value) => `${value}x`, sid));
    assert.ok("refusal" in (await connect(home, one)), sid);
  }
});

test("another tag, or one more, is none of the service's", async () => {
  await using home = await house();
  const other = JSON.stringify(written).replaceAll(applicationId, "another");
  await home.allow(JSON.parse(other) as Statement[]);
  const connection = await connect(home);
  assert.match("refusal" in connection ? connection.refusal : "", /network-interface\/\*/);
});

test("under the published policy the service releases, and says so once for a data source", async () => {
  await using home = await house();
  await home.allow(published);
  for (let n = 0; n < 3; n += 1) await (await connected(home)).release();
  assert.deepEqual(new Set(await statuses(home)), new Set(["released by service"]));
  const [lint, ...more] = events(home, "network.lint");
  assert.deepEqual(more, []);
  assert.equal(lint?.fields["finding"], "UNSUPPORTED_ACTION_FOR_CONDITION_KEY");
  assert.match(String(lint?.fields["reason"]), /not authorized to perform: ec2:DeleteNetworkInter/);
  await home.allow(written);
  await (await connected(home)).release();
  assert.deepEqual((await statuses(home)).slice(-2), ["released by role", "released by role"]);
});

test("what a process that died held is released by the next one", async () => {
  await using home = await house();
  await home.allow(published);
  await connected(home);
  const next = home.restarted();
  await next.releaseLeft();
  assert.deepEqual(await statuses(home), ["released by service", "released by service"]);
  await next.releaseLeft();
  assert.equal(events(home, "network.released").length, 2);
});

test("what a data source holds goes with it, and its way out is closed at once", async () => {
  await using home = await house();
  await home.allow(written);
  const { egress, release } = await connected(home);
  await home.network.releaseOf("another");
  assert.equal((await networkAttachments.listHeld(home.db.read)).length, 2);
  await home.network.releaseOf(dataSourceId);
  assert.deepEqual(await networkAttachments.listHeld(home.db.read), []);
  await assert.rejects(egress.dial("127.0.0.1", 1), { code: "ERR_EGRESS_REFUSED" });
  await release();
  assert.equal(events(home, "network.released").length, 2, "once each");
  const late = await connected(home);
  const source = await resources.find(home.db.read, "dataSource", dataSourceId);
  await home.db.write((trx) => resources.remove(trx, source ?? assert.fail()));
  await late.release();
  assert.deepEqual(await statuses(home), [], "nothing is remembered of what is gone");
});

test("a zone without backend takes notes, and still opens no link-local address", async () => {
  await using home = await house();
  await home.allow(written);
  const { egress, release } = await connected(home);
  await assert.rejects(egress.dial("169.254.169.254", 80), { code: "ERR_EGRESS_REFUSED" });
  await assert.rejects(egress.dial("127.0.0.1", 1), { code: "ECONNREFUSED" });
  await assert.rejects(egress.dial("127.0.0.1", 1), { code: "ECONNREFUSED" });
  const [noted, ...others] = events(home, "network.connection");
  assert.deepEqual(others, [], "once for each destination");
  assert.equal(noted?.fields["isListed"], true);
  assert.equal(noted.fields["dataSourceId"], dataSourceId);
  assert.equal(events(home, "network.refused").length, 1);
  await release();
});
