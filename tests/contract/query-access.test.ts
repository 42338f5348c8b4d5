import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { queryContracts, type QueryService, queryShapeOf } from "../../src/contract/contract.ts";
import { systemIds } from "../../src/core/ids.ts";
import {
  type QueryCall,
  queryOperations,
  queryQuestions,
  unbuiltQueryActions,
  unsignedActions,
} from "../../src/operations/query-operations.ts";
import { iamStore } from "../../src/store/store.ts";
import { decodeQueryRequest, type QueryRequest } from "../../src/wire/wire.ts";
import {
  iamClient,
  makeRole,
  makeUser,
  policyOf,
  refused,
  roleArn,
  trustOf,
  userArn,
} from "./query-clients.ts";
import { accountId, type QueryServer, startQueryServer } from "./query-server.ts";

const policyArn = `arn:aws:iam::${accountId}:policy/Target`;

const noInput = { type: "structure", required: [], members: {} } as const;

/** One request of every built action, about things that are there. */
function requestsOf(service: QueryService, accessKeyId: string): readonly QueryRequest[] {
  const document = policyOf({ Action: "s3:*" });
  const values: Readonly<Record<string, string>> = {
    UserName: "Target",
    RoleName: "Target",
    GroupName: "Target",
    PolicyName: "p",
    PolicyDocument: document,
    AssumeRolePolicyDocument: trustOf({ AWS: accountId }),
    PermissionsBoundary: policyArn,
    PolicyArn: policyArn,
    VersionId: "v1",
    Status: "Active",
    AccessKeyId: accessKeyId,
    RoleArn: roleArn("Target"),
    RoleSessionName: "session",
    Name: "Target",
    EncodedMessage: "x",
    PolicySourceArn: userArn("Target"),
    AWSServiceName: "qbusiness.amazonaws.com",
    DeletionTaskId: "task/1",
    "PolicyInputList.member.1": document,
    "ActionNames.member.1": "s3:GetObject",
    "Tags.member.1.Key": "k",
    "Tags.member.1.Value": "v",
    "TagKeys.member.1": "k",
    OpenIDConnectProviderArn: `arn:aws:iam::${accountId}:oidc-provider/id.example.com`,
    Url: "https://id.example.com",
    ClientID: "web",
    "ThumbprintList.member.1": "a".repeat(40),
  };
  const { operations, version } = queryContracts[service];
  // Unsigned actions are proven by what they carry; tests of their own look at them.
  const signed = Object.keys(queryOperations[service]).filter(
    (action) => !unsignedActions.includes(action),
  );
  return signed.map((action) => {
    const { input } = operations[action] ?? {};
    const shape = input === undefined ? noInput : queryShapeOf(service, input);
    assert.ok(shape.type === "structure");
    const wanted = [...shape.required, ...("UserName" in shape.members ? ["UserName"] : [])];
    const pairs = Object.entries(values).filter(([name]) =>
      wanted.includes(name.split(".")[0] ?? ""),
    );
    const form = new URLSearchParams({
      Action: action,
      Version: version,
      ...Object.fromEntries(pairs),
    });
    return decodeQueryRequest(service, { query: form.toString(), body: Buffer.of() });
  });
}

async function callOf(
  server: QueryServer,
  keys: { readonly accessKeyId: string },
): Promise<QueryCall> {
  const { db, identity } = server;
  const key = await identity.findKey({ accessKeyId: keys.accessKeyId, sessionToken: undefined });
  assert.ok(key !== undefined);
  const now = new Date();
  const facts = { now, region: "us-east-1", isSecure: true, sourceIp: "192.0.2.1" };
  return {
    db,
    identity,
    ids: systemIds,
    quotas: server.quotas,
    caller: key.caller,
    now,
    facts,
    pageTokenKey: Buffer.alloc(32),
  };
}

test("every built action is allowed by exactly the policy it needs, and by nothing less", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const target = await makeUser(server, "Target");
  await makeRole(server, "Target", trustOf({ AWS: accountId }));
  await root.send(new iam.CreateGroupCommand({ GroupName: "Target" }));
  const made = { PolicyName: "Target", PolicyDocument: policyOf({ Action: "s3:*" }) };
  await root.send(new iam.CreatePolicyCommand(made));
  const keys = await makeUser(server, "caller");
  const named = { accountId, kind: "user", name: "caller" } as const;
  const caller = await iamStore.findEntity(server.db.read, named);
  const put = async (statement: object): Promise<QueryCall> => {
    const document = policyOf(statement);
    const { db, identity } = server;
    await db.write((trx) => iamStore.putPolicy(trx, caller?.id ?? "", { name: "own", document }));
    identity.invalidate();
    return callOf(server, keys);
  };
  let count = 0;
  for (const service of ["iam", "sts"] as const) {
    for (const request of requestsOf(service, target.accessKeyId)) {
      const name = `${service}:${request.action}`;
      const questions = await queryQuestions(request, await callOf(server, keys));
      if (name === "sts:GetCallerIdentity" || name === "sts:GetSessionToken") {
        assert.deepEqual(questions, []);
        continue;
      }
      const [question] = questions;
      assert.ok(question !== undefined && questions.length === 1, name);
      assert.equal(question.action, name);
      assert.equal(question.resources.length, 1);
      const Resource = question.resources[0]?.arn ?? "";
      const elsewhere = Resource === "*" ? userArn("other") : `${Resource}x`;
      const decide = async (statement: object): Promise<boolean> => {
        const call = await put(statement);
        return (await server.identity.authorize(call.caller, question)).isAllowed;
      };
      assert.ok(await decide({ Action: name, Resource }), `${name} on ${Resource}`);
      assert.ok(!(await decide({ Action: name, Resource: elsewhere })), `${name} elsewhere`);
      assert.ok(!(await decide({ NotAction: name, Resource: "*" })), `all but ${name}`);
      assert.ok(!(await decide({ Effect: "Deny", Action: name })), `denied ${name}`);
      count += 1;
    }
  }
  assert.ok(count >= 82, `only ${count} actions seen`);
});

test("the resource of an action is what it changes, with its path", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await root.send(new iam.CreateUserCommand({ UserName: "Target", Path: "/a/b/" }));
  const keys = await makeUser(server, "caller");
  const call = await callOf(server, keys);
  const arnFor = async (form: string): Promise<string | undefined> => {
    const query = `Version=2010-05-08&${form}`;
    const request = decodeQueryRequest("iam", { query, body: Buffer.of() });
    return (await queryQuestions(request, call))[0]?.resources[0]?.arn;
  };
  const iamArn = `arn:aws:iam::${accountId}`;
  const rows: readonly (readonly [string, string])[] = [
    ["Action=GetUser&UserName=target", userArn("a/b/Target")],
    ["Action=GetUser", userArn("caller")],
    ["Action=GetUser&UserName=absent", userArn("absent")],
    ["Action=CreateUser&UserName=New&Path=/x/", userArn("x/New")],
    ["Action=CreateUser&UserName=New", userArn("New")],
    ["Action=CreateGroup&GroupName=New&Path=/x/", `${iamArn}:group/x/New`],
    ["Action=CreatePolicy&PolicyName=P&Path=/x/&PolicyDocument=x", `${iamArn}:policy/x/P`],
    ["Action=AddUserToGroup&GroupName=G&UserName=target", `${iamArn}:group/G`],
    [`Action=AttachUserPolicy&UserName=Target&PolicyArn=${policyArn}`, userArn("a/b/Target")],
    ["Action=ListUsers", "*"],
    ["Action=ListPolicies", "*"],
  ];
  for (const [form, arn] of rows) assert.equal(await arnFor(form), arn, form);
});

test("what is made with tags needs the right to tag it, on the same resource and with the same tags", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const keys = await makeUser(server, "caller");
  const Tags = [{ Key: "team", Value: "red" }];
  const rows: readonly (readonly [
    string,
    string,
    string,
    (c: iam.IAMClient) => Promise<unknown>,
  ])[] = [
    [
      "iam:CreateRole",
      "iam:TagRole",
      roleArn("Tagged"),
      (c) => {
        const AssumeRolePolicyDocument = trustOf({ AWS: accountId });
        return c.send(
          new iam.CreateRoleCommand({ RoleName: "Tagged", AssumeRolePolicyDocument, Tags }),
        );
      },
    ],
    [
      "iam:CreateUser",
      "iam:TagUser",
      userArn("Tagged"),
      (c) => c.send(new iam.CreateUserCommand({ UserName: "Tagged", Tags })),
    ],
    [
      "iam:CreatePolicy",
      "iam:TagPolicy",
      `arn:aws:iam::${accountId}:policy/Tagged`,
      (c) => {
        const PolicyDocument = policyOf({ Action: "s3:*" });
        return c.send(new iam.CreatePolicyCommand({ PolicyName: "Tagged", PolicyDocument, Tags }));
      },
    ],
  ];
  for (const [make, tag, Resource, send] of rows) {
    const put = async (...statements: readonly object[]): Promise<void> => {
      const Statement = statements.map((one) => ({ Effect: "Allow", Resource, ...one }));
      const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
      const command = { UserName: "caller", PolicyName: "own", PolicyDocument };
      await root.send(new iam.PutUserPolicyCommand(command));
    };
    const when = (team: string) => ({ StringEquals: { "aws:RequestTag/team": team } });
    const [making, tagging] = [{ Action: make }, { Action: tag }];
    const cases: readonly (readonly [string, readonly object[]])[] = [
      [tag, [making]],
      [make, [tagging]],
      [tag, [making, { ...tagging, Resource: `${Resource}x` }]],
      [tag, [making, { ...tagging, Condition: when("blue") }]],
    ];
    for (const [missing, statements] of cases) {
      await put(...statements);
      const [code, , message] = await refused(send(iamClient(server, keys)));
      assert.equal(code, "AccessDenied");
      assert.ok(message.includes(`perform: ${missing} on resource: ${Resource} `), message);
    }
    await put(making, { ...tagging, Condition: when("red") });
    await send(iamClient(server, keys));
  }
});

test("renaming a user needs the permission for both names", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makeUser(server, "alice");
  const old = userArn("alice");
  const keys = await makeUser(
    server,
    "caller",
    policyOf({ Action: "iam:UpdateUser", Resource: old }),
  );
  const rename = new iam.UpdateUserCommand({
    UserName: "alice",
    NewUserName: "bob",
    NewPath: "/b/",
  });
  const caller = iamClient(server, keys);
  const [code, , message] = await refused(caller.send(rename));
  assert.equal(code, "AccessDenied");
  assert.match(message, new RegExp(`on resource: ${userArn("b/bob")} `));
  const both = policyOf({ Action: "iam:UpdateUser", Resource: [old, userArn("b/bob")] });
  const put = { UserName: "caller", PolicyName: "own", PolicyDocument: both };
  await root.send(new iam.PutUserPolicyCommand(put));
  await caller.send(rename);
});

test("what is not built is named, and nothing is both", () => {
  for (const service of ["iam", "sts"] as const) {
    const all = Object.keys(queryContracts[service].operations);
    const unbuilt = unbuiltQueryActions(service);
    const built = Object.keys(queryOperations[service]);
    assert.deepEqual([...built, ...unbuilt].toSorted(), all.toSorted());
  }
});
