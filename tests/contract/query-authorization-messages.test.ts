import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import {
  decodeAuthorizationMessage,
  encodeAuthorizationMessage,
} from "../../src/identity/identity.ts";
import {
  iamClient,
  type Keys,
  makeUser,
  policyOf,
  refused,
  stsClient,
  userArn,
} from "./query-clients.ts";
import { accountId, type QueryServer, rootKey, startQueryServer } from "./query-server.ts";

async function refusalOf(server: QueryServer, keys: Keys, sourceIp: string) {
  const { accessKeyId } = keys;
  const known = await server.identity.findKey({ accessKeyId, sessionToken: undefined });
  assert.ok(known !== undefined);
  const facts = { now: server.now(), region: "us-east-1", isSecure: true, sourceIp };
  const resources = [{ arn: "arn:aws:s3:::docs/a", account: accountId }];
  const question = { action: "s3:GetObject", resources, facts };
  const verdict = await server.identity.authorize(known.caller, question);
  return verdict.isAllowed ? assert.fail() : verdict;
}

test("a refusal's details travel sealed, and open for who may decode them", async () => {
  await using server = await startQueryServer();
  const Condition = { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } };
  const deny = policyOf({ Sid: "Office", Effect: "Deny", Action: "s3:*", Condition });
  const alice = await makeUser(server, "alice", deny);
  const { sealingKey } = server.identity;
  const refusal = await refusalOf(server, alice, "192.0.2.7");
  const EncodedMessage = encodeAuthorizationMessage(sealingKey, refusal.details(), server.now());
  assert.ok(!EncodedMessage.includes("Office"));
  const decode = (
    by: Keys,
    message = EncodedMessage,
  ): Promise<{ readonly DecodedMessage?: string | undefined }> =>
    stsClient(server, by).send(
      new sts.DecodeAuthorizationMessageCommand({ EncodedMessage: message }),
    );
  const { DecodedMessage = "" } = await decode(rootKey);
  const { context, ...rest } = JSON.parse(DecodedMessage) as {
    context: { principal: { id: string } };
  };
  assert.deepEqual(rest, {
    allowed: false,
    explicitDeny: true,
    matchedStatements: {
      items: [{ statementId: "Office", effect: "DENY", policy: "own", line: 1 }],
    },
    failures: { items: [] },
  });
  assert.match(context.principal.id, /^AIDA/);
  assert.deepEqual(context, {
    principal: { id: context.principal.id, arn: userArn("alice") },
    action: "s3:GetObject",
    resource: "arn:aws:s3:::docs/a",
    conditions: { items: [{ key: "aws:SourceIp", values: { items: [{ value: "192.0.2.7" }] } }] },
  });
  const implicit = await refusalOf(server, alice, "203.0.113.1");
  assert.deepEqual(
    [implicit.details().explicitDeny, implicit.details().matchedStatements.items],
    [false, []],
  );
  assert.equal((await refused(decode(alice)))[0], "AccessDenied");
  const altered = `${EncodedMessage.slice(0, -2)}${EncodedMessage.endsWith("AA") ? "BB" : "AA"}`;
  for (const message of [altered, "v1.", "hello", `${EncodedMessage}\n`]) {
    const [code, status] = await refused(decode(rootKey, message));
    assert.deepEqual([code, status], ["InvalidAuthorizationMessageException", 400], message);
  }
  const at = server.now();
  const day = 24 * 60 * 60 * 1000;
  const open = (ms: number): string | undefined =>
    decodeAuthorizationMessage(sealingKey, EncodedMessage, new Date(at.getTime() + ms));
  assert.ok(open(day - 60_000) !== undefined);
  assert.equal(open(day + 60_000), undefined);
});

test("a message of a refusal with many long conditions still fits where it is sent", async () => {
  await using server = await startQueryServer();
  const Statement = Array.from({ length: 40 }, (_, at) => ({
    Sid: `S${at}`,
    Effect: "Deny",
    Action: "s3:*",
    Resource: "*",
    Condition: { StringLike: { "aws:PrincipalArn": "*" } },
  }));
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  const root = iamClient(server);
  const alice = await makeUser(server, "alice");
  await root.send(new iam.CreatePolicyCommand({ PolicyName: "P".repeat(100), PolicyDocument }));
  const PolicyArn = `arn:aws:iam::${accountId}:policy/${"P".repeat(100)}`;
  await root.send(new iam.AttachUserPolicyCommand({ UserName: "alice", PolicyArn }));
  const refusal = await refusalOf(server, alice, "192.0.2.7");
  const EncodedMessage = encodeAuthorizationMessage(
    server.identity.sealingKey,
    refusal.details(),
    server.now(),
  );
  assert.ok(EncodedMessage.length <= 10_240, String(EncodedMessage.length));
  const command = new sts.DecodeAuthorizationMessageCommand({ EncodedMessage });
  const { DecodedMessage = "" } = await stsClient(server).send(command);
  const { explicitDeny } = JSON.parse(DecodedMessage) as { explicitDeny: boolean };
  assert.ok(explicitDeny);
});
