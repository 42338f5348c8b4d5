import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { publishedQuotas, type IamQuotas } from "../../src/core/quotas.ts";
import {
  iamClient,
  makeRole,
  makeUser,
  policyOf,
  refused,
  stsClient,
  trustOf,
} from "./query-clients.ts";
import { accountId, type QueryServer, startQueryServer } from "./query-server.ts";

/** Sets quotas anew; all others stay as published. */
function limit(server: QueryServer, quotas: Partial<IamQuotas>): void {
  server.quotas = { ...publishedQuotas, iam: { ...publishedQuotas.iam, ...quotas } };
}

const document = policyOf({ Action: "s3:*" });
const trust = trustOf({ AWS: accountId });
const Tags = [
  { Key: "a", Value: "" },
  { Key: "b", Value: "" },
];
const names = { UserName: "alice", RoleName: "R", GroupName: "G", PolicyName: "p" };
const arnOf = (name: string): string => `arn:aws:iam::${accountId}:policy/${name}`;

type Row = readonly [Partial<IamQuotas>, (server: QueryServer) => Promise<unknown>, RegExp];

/** Each quota set to what is there already, and the call that would be one too many. */
const rows: readonly Row[] = [
  [{ usersPerAccount: 1 }, (at) => makeUser(at, "bob"), /UsersPerAccount: 1$/],
  [{ rolesPerAccount: 1 }, (at) => makeRole(at, "S", trust), /RolesPerAccount: 1$/],
  [
    { groupsPerAccount: 1 },
    (at) => iamClient(at).send(new iam.CreateGroupCommand({ GroupName: "H" })),
    /GroupsPerAccount: 1$/,
  ],
  [
    { policiesPerAccount: 2 },
    (at) =>
      iamClient(at).send(
        new iam.CreatePolicyCommand({ PolicyName: "C", PolicyDocument: document }),
      ),
    /PoliciesPerAccount: 2$/,
  ],
  [
    { groupsPerUser: 0 },
    (at) => iamClient(at).send(new iam.AddUserToGroupCommand(names)),
    /GroupsPerUser: 0$/,
  ],
  [
    { accessKeysPerUser: 1 },
    (at) => iamClient(at).send(new iam.CreateAccessKeyCommand(names)),
    /AccessKeysPerUser: 1$/,
  ],
  [
    { tagsPerEntity: 1 },
    (at) => iamClient(at).send(new iam.TagUserCommand({ ...names, Tags })),
    /maximum limit of 1\.$/,
  ],
  [
    { versionsPerPolicy: 1 },
    (at) =>
      iamClient(at).send(
        new iam.CreatePolicyVersionCommand({ PolicyArn: arnOf("A"), PolicyDocument: document }),
      ),
    /up to 1 versions/,
  ],
  [
    { attachedPerEntity: 1 },
    (at) =>
      iamClient(at).send(new iam.AttachUserPolicyCommand({ ...names, PolicyArn: arnOf("B") })),
    /PoliciesPerUser: 1$/,
  ],
  [
    { trustPolicyCharacters: trust.length - 1 },
    (at) =>
      iamClient(at).send(
        new iam.UpdateAssumeRolePolicyCommand({ ...names, PolicyDocument: trust }),
      ),
    /ACLSizePerRole: \d+$/,
  ],
  [
    { managedPolicyCharacters: document.length - 1 },
    (at) =>
      iamClient(at).send(
        new iam.CreatePolicyCommand({ PolicyName: "C", PolicyDocument: document }),
      ),
    /PolicySize: \d+$/,
  ],
  [
    { inlineCharactersPerRole: document.length - 1 },
    (at) =>
      iamClient(at).send(new iam.PutRolePolicyCommand({ ...names, PolicyDocument: document })),
    /bytes exceeded for role R$/,
  ],
  [
    { inlineCharactersPerUser: document.length - 1 },
    (at) =>
      iamClient(at).send(new iam.PutUserPolicyCommand({ ...names, PolicyDocument: document })),
    /bytes exceeded for user alice$/,
  ],
  [
    { inlineCharactersPerGroup: document.length - 1 },
    (at) =>
      iamClient(at).send(new iam.PutGroupPolicyCommand({ ...names, PolicyDocument: document })),
    /bytes exceeded for group G$/,
  ],
  [
    { sessionPolicyCharacters: document.length - 1 },
    (at) =>
      stsClient(at).send(new sts.GetFederationTokenCommand({ Name: "guest", Policy: document })),
    /Packed policy consumes 10\d%/,
  ],
  [
    { sessionPolicyArns: 0 },
    (at) =>
      stsClient(at).send(
        new sts.GetFederationTokenCommand({ Name: "guest", PolicyArns: [{ arn: arnOf("A") }] }),
      ),
    /at most 0 managed policies/,
  ],
];

test("every quota of IAM is the installation's to set: one more is refused, and allowed with a higher one", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makeUser(server, "alice");
  await makeRole(server, "R", trust);
  await root.send(new iam.CreateGroupCommand({ GroupName: "G" }));
  for (const PolicyName of ["A", "B"]) {
    await root.send(new iam.CreatePolicyCommand({ PolicyName, PolicyDocument: document }));
  }
  await root.send(new iam.AttachUserPolicyCommand({ ...names, PolicyArn: arnOf("A") }));
  assert.deepEqual(
    rows.flatMap(([quotas]) => Object.keys(quotas)).toSorted(),
    Object.keys(publishedQuotas.iam).toSorted(),
  );
  for (const [quotas, call, message] of rows) {
    limit(server, quotas);
    assert.match((await refused(call(server)))[2], message, JSON.stringify(quotas));
  }
  // What was refused did not happen, and does happen when the limit is higher by one.
  for (const [quotas, call] of rows) {
    if (quotas.managedPolicyCharacters !== undefined) continue;
    const raised = Object.entries(quotas).map(([name, max]) => [
      name,
      max + 1 + Number(name === "tagsPerEntity"),
    ]);
    limit(server, Object.fromEntries(raised) as Partial<IamQuotas>);
    await call(server);
  }
  assert.deepEqual(server.failures, []);
});

test("the account's summary shows the quotas that are set", async () => {
  await using server = await startQueryServer();
  limit(server, { usersPerAccount: 7, inlineCharactersPerGroup: 11 });
  const { SummaryMap } = await iamClient(server).send(new iam.GetAccountSummaryCommand({}));
  assert.equal(SummaryMap?.["UsersQuota"], 7);
  assert.equal(SummaryMap["GroupPolicySizeQuota"], 11);
  assert.equal(SummaryMap["RolesQuota"], 1000);
});
