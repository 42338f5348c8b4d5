import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
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
import { accountId, startQueryServer } from "./query-server.ts";

const service = trustOf({ Service: "qbusiness.amazonaws.com" });

test("a role is created, read, listed, changed and deleted", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const made = await root.send(
    new iam.CreateRoleCommand({
      RoleName: "Reader",
      Path: "/app/",
      AssumeRolePolicyDocument: service,
      Description: "reads é <&> things\r\n",
      MaxSessionDuration: 7200,
      Tags: [{ Key: "team", Value: "docs" }],
    }),
  );
  assert.match(made.Role?.RoleId ?? "", /^AROA[A-Z2-7]{16}$/);
  assert.equal(made.Role?.Arn, `arn:aws:iam::${accountId}:role/app/Reader`);

  const { Role: role } = await root.send(new iam.GetRoleCommand({ RoleName: "READER" }));
  assert.equal(role?.RoleName, "Reader");
  assert.equal(role?.Description, "reads é <&> things\r\n");
  assert.equal(role?.MaxSessionDuration, 7200);
  assert.deepEqual(role?.Tags, [{ Key: "team", Value: "docs" }]);
  assert.equal(decodeURIComponent(role?.AssumeRolePolicyDocument ?? ""), service);

  const update = { RoleName: "Reader", Description: "other", MaxSessionDuration: 3600 };
  await root.send(new iam.UpdateRoleCommand(update));
  const trust = { RoleName: "Reader", PolicyDocument: trustOf({ AWS: accountId }) };
  await root.send(new iam.UpdateAssumeRolePolicyCommand(trust));
  const { Roles: roles } = await root.send(new iam.ListRolesCommand({ PathPrefix: "/app/" }));
  assert.equal(roles?.length, 1);
  assert.equal(roles?.[0]?.Description, "other");
  assert.equal(roles?.[0]?.Tags, undefined);
  assert.equal(
    decodeURIComponent(roles?.[0]?.AssumeRolePolicyDocument ?? ""),
    trust.PolicyDocument,
  );
  assert.deepEqual((await root.send(new iam.ListRolesCommand({ PathPrefix: "/b" }))).Roles, []);

  await root.send(new iam.DeleteRoleCommand({ RoleName: "Reader" }));
  await makeRole(server, "Reader", service);
  const again = await root.send(new iam.GetRoleCommand({ RoleName: "Reader" }));
  assert.notEqual(again.Role?.RoleId, made.Role?.RoleId);
  assert.equal(again.Role?.Tags, undefined);
  assert.deepEqual(server.failures, []);
});

test("inline policies of a role are put, replaced, read, listed and removed", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makeRole(server, "R", service);
  const put = (PolicyName: string, PolicyDocument: string): Promise<unknown> =>
    root.send(new iam.PutRolePolicyCommand({ RoleName: "R", PolicyName, PolicyDocument }));
  const first = policyOf({ Action: "s3:GetObject" });
  const second = policyOf({ Action: "s3:*", Resource: ["arn:aws:s3:::a/*"] });
  await put("one", first);
  await put("two", first);
  await put("ONE", second);
  const { PolicyNames } = await root.send(new iam.ListRolePoliciesCommand({ RoleName: "R" }));
  assert.deepEqual(PolicyNames, ["ONE", "two"]);
  const one = { RoleName: "r", PolicyName: "one" };
  const got = await root.send(new iam.GetRolePolicyCommand(one));
  assert.equal(decodeURIComponent(got.PolicyDocument ?? ""), second);
  assert.deepEqual([got.RoleName, got.PolicyName], ["R", "ONE"]);
  await root.send(new iam.DeleteRolePolicyCommand(one));
  assert.deepEqual(await refused(root.send(new iam.GetRolePolicyCommand(one))), [
    "NoSuchEntity",
    404,
    "The role policy with name one cannot be found.",
  ]);
});

test("refusals about roles read as the service's", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makeRole(server, "Taken", service);
  await makeRole(server, "Full", service, policyOf({ Action: "s3:*" }));
  const create = (input: object): Promise<unknown> =>
    root.send(
      new iam.CreateRoleCommand({ RoleName: "New", AssumeRolePolicyDocument: service, ...input }),
    );
  const put = (PolicyDocument: string): Promise<unknown> =>
    root.send(new iam.PutRolePolicyCommand({ RoleName: "Taken", PolicyName: "p", PolicyDocument }));
  const RoleName = "Missing";
  const missing = ["NoSuchEntity", 404, "The role with name Missing cannot be found."] as const;
  const malformed = (message: string) => ["MalformedPolicyDocument", 400, message] as const;
  const named = { RoleName, PolicyName: "p" };
  const filler = (size: number): object => ({ Action: "s3:*", Sid: "x".repeat(size) });
  const rows: readonly (readonly [() => Promise<unknown>, readonly [string, number, string]])[] = [
    [
      () => create({ RoleName: "taken" }),
      ["EntityAlreadyExists", 409, "Role with name taken already exists."],
    ],
    [() => root.send(new iam.GetRoleCommand({ RoleName })), missing],
    [() => root.send(new iam.DeleteRoleCommand({ RoleName })), missing],
    [() => root.send(new iam.UpdateRoleCommand({ RoleName })), missing],
    [() => root.send(new iam.ListRolePoliciesCommand({ RoleName })), missing],
    [() => root.send(new iam.GetRolePolicyCommand(named)), missing],
    [() => root.send(new iam.DeleteRolePolicyCommand(named)), missing],
    [() => root.send(new iam.TagRoleCommand({ RoleName, Tags: [] })), missing],
    [() => root.send(new iam.UntagRoleCommand({ RoleName, TagKeys: [] })), missing],
    [() => root.send(new iam.ListRoleTagsCommand({ RoleName })), missing],
    [
      () =>
        root.send(
          new iam.PutRolePolicyCommand({ ...named, PolicyDocument: policyOf({ Action: "*" }) }),
        ),
      missing,
    ],
    [
      () => root.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: service })),
      missing,
    ],
    [
      () => root.send(new iam.DeleteRoleCommand({ RoleName: "Full" })),
      ["DeleteConflict", 409, "Cannot delete entity, must delete policies first."],
    ],
    [
      () => create({ AssumeRolePolicyDocument: trustOf({ Service: "" }) }),
      malformed('Invalid principal in policy: "SERVICE":""'),
    ],
    [
      () => create({ AssumeRolePolicyDocument: trustOf({ AWS: userArn("nobody") }) }),
      malformed(`Invalid principal in policy: "AWS":"${userArn("nobody")}"`),
    ],
    [
      () => create({ AssumeRolePolicyDocument: trustOf({ AWS: "AIDAAAAAAAAAAAAAAAAA" }) }),
      malformed('Invalid principal in policy: "AWS":"AIDAAAAAAAAAAAAAAAAA"'),
    ],
    [
      () =>
        create({
          AssumeRolePolicyDocument: trustOf({ AWS: `arn:aws:sts::${accountId}:assumed-role/No/s` }),
        }),
      malformed(`Invalid principal in policy: "AWS":"arn:aws:sts::${accountId}:assumed-role/No/s"`),
    ],
    [
      () => create({ AssumeRolePolicyDocument: trustOf("*", { Resource: "*" }) }),
      malformed("Has prohibited field Resource"),
    ],
    [
      () => create({ AssumeRolePolicyDocument: '{"Version":"2012-10-17",,}' }),
      malformed("Syntax errors in policy."),
    ],
    [
      () => create({ AssumeRolePolicyDocument: trustOf("*", { Sid: "x".repeat(2048) }) }),
      ["LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048"],
    ],
    [
      () => create({ Path: "/aws-service-role/qbusiness.amazonaws.com/" }),
      [
        "InvalidInput",
        400,
        "Only services make roles below the path /aws-service-role/qbusiness.amazonaws.com/.",
      ],
    ],
    [
      () =>
        create({
          Tags: [
            { Key: "a", Value: "" },
            { Key: "A", Value: "" },
          ],
        }),
      [
        "InvalidInput",
        400,
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
      ],
    ],
    [
      () => create({ Tags: [{ Key: "aws:a", Value: "" }] }),
      ["InvalidInput", 400, "Tag keys that start with aws: are reserved for system use."],
    ],
    [() => put(trustOf("*")), malformed("Policy document should not specify a principal.")],
    [() => put(policyOf({ Action: [] })), malformed("Policy statement must contain actions.")],
    [() => put(JSON.stringify({ Statement: [] })), malformed("Syntax errors in policy.")],
    [
      () => put(policyOf({ Action: "s3:*" }).replace("2012-10-17", "2008-10-17")),
      malformed("Policy document must be version 2012-10-17 or greater."),
    ],
    [
      () => put(policyOf(filler(10_240))),
      ["LimitExceeded", 409, "Maximum policy size of 10240 bytes exceeded for role Taken"],
    ],
    [
      () => create({ MaxSessionDuration: 43_201 }),
      [
        "ValidationError",
        400,
        "1 validation error detected: Value '43201' at 'maxSessionDuration' failed to satisfy constraint: Member must have value less than or equal to 43200",
      ],
    ],
  ];
  for (const [send, expected] of rows) assert.deepEqual(await refused(send()), expected);
  // Nothing of what was refused has happened.
  const { Roles } = await root.send(new iam.ListRolesCommand({}));
  assert.deepEqual(
    Roles?.map((role) => role.RoleName),
    ["Full", "Taken"],
  );
  assert.deepEqual(server.failures, []);
});

test("white space is free, and all inline policies of a role share its quota", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makeRole(server, "R", service);
  const put = (PolicyName: string, PolicyDocument: string): Promise<unknown> =>
    root.send(new iam.PutRolePolicyCommand({ RoleName: "R", PolicyName, PolicyDocument }));
  const document = policyOf({ Action: "s3:*", Sid: "x".repeat(5000) });
  await put("a", document.replace("{", `{${" \n\t".repeat(5000)}`));
  await put("b", document);
  const [code] = await refused(put("c", policyOf({ Action: "s3:*" })));
  assert.equal(code, "LimitExceeded");
  await put("b", policyOf({ Action: "s3:*" }));
  await put("c", policyOf({ Action: "s3:*" }));
});

test("listings page by markers, which belong to their listing", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const names = ["alpha", "Beta", "gamma", "delta", "epsilon"];
  for (const name of names) await makeRole(server, name, service);
  const seen: (string | undefined)[] = [];
  for await (const page of iam.paginateListRoles({ client: root, pageSize: 2 }, {})) {
    assert.ok((page.Roles?.length ?? 0) <= 2);
    seen.push(...(page.Roles ?? []).map((role) => role.RoleName));
  }
  assert.deepEqual(seen, names.toSorted());
  const { Marker, IsTruncated } = await root.send(new iam.ListRolesCommand({ MaxItems: 1 }));
  assert.equal(IsTruncated, true);
  assert.ok((Marker?.length ?? 0) <= 320);
  const wrong = ["ValidationError", 400, "Invalid Marker."] as const;
  const other = new iam.ListRolesCommand({ Marker, PathPrefix: "/x" });
  assert.deepEqual(await refused(root.send(other)), wrong);
  assert.deepEqual(await refused(root.send(new iam.ListUsersCommand({ Marker }))), wrong);
  assert.deepEqual(await refused(root.send(new iam.ListRolesCommand({ Marker: "x" }))), wrong);
  const exact = await root.send(new iam.ListRolesCommand({ MaxItems: 5 }));
  assert.equal(exact.IsTruncated, false);
  assert.equal(exact.Marker, undefined);
});

test("tags of a role are added, replaced without regard to case, listed and removed", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makeRole(server, "R", service);
  const tag = (Tags: iam.Tag[]): Promise<unknown> =>
    root.send(new iam.TagRoleCommand({ RoleName: "R", Tags }));
  await tag([
    { Key: "Team", Value: "a" },
    { Key: "cost", Value: "1" },
  ]);
  await tag([{ Key: "team", Value: "b" }]);
  const list = async (): Promise<unknown> =>
    (await root.send(new iam.ListRoleTagsCommand({ RoleName: "R" }))).Tags;
  assert.deepEqual(await list(), [
    { Key: "cost", Value: "1" },
    { Key: "team", Value: "b" },
  ]);
  await root.send(new iam.UntagRoleCommand({ RoleName: "R", TagKeys: ["TEAM", "absent"] }));
  assert.deepEqual(await list(), [{ Key: "cost", Value: "1" }]);
  const many = Array.from({ length: 49 }, (_, at) => ({ Key: `k${at}`, Value: "" }));
  await tag(many);
  const [code, status] = await refused(tag([{ Key: "more", Value: "" }]));
  assert.deepEqual([code, status], ["LimitExceeded", 409]);
});

test("a name in a trust policy means who had it when the policy was saved", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makeUser(server, "alice");
  await makeRole(server, "R", trustOf({ AWS: userArn("alice") }));
  const { User: before } = await root.send(new iam.GetUserCommand({ UserName: "alice" }));
  const { AccessKeyMetadata } = await root.send(
    new iam.ListAccessKeysCommand({ UserName: "alice" }),
  );
  const AccessKeyId = AccessKeyMetadata?.[0]?.AccessKeyId;
  await root.send(new iam.DeleteAccessKeyCommand({ UserName: "alice", AccessKeyId }));
  await root.send(new iam.DeleteUserCommand({ UserName: "alice" }));
  await makeUser(server, "alice");
  const { Role: role } = await root.send(new iam.GetRoleCommand({ RoleName: "R" }));
  const shown = decodeURIComponent(role?.AssumeRolePolicyDocument ?? "");
  assert.equal(shown, trustOf({ AWS: before?.UserId }));
});

test("whoever may do one thing to one role may not do another, or to another", async () => {
  await using server = await startQueryServer();
  await makeRole(server, "Mine", service);
  await makeRole(server, "Other", service);
  const statement = { Action: ["iam:GetRole", "iam:CreateRole"], Resource: roleArn("Mine") };
  const alice = iamClient(server, await makeUser(server, "alice", policyOf(statement)));
  await alice.send(new iam.GetRoleCommand({ RoleName: "Mine" }));
  const denial = (action: string, resource: string): readonly [string, number, string] => [
    "AccessDenied",
    403,
    `User: ${userArn("alice")} is not authorized to perform: iam:${action} on resource: ${resource} because no identity-based policy allows the iam:${action} action`,
  ];
  const role = { RoleName: "Mine" };
  const rows: readonly (readonly [() => Promise<unknown>, readonly [string, number, string]])[] = [
    [
      () => alice.send(new iam.GetRoleCommand({ RoleName: "Other" })),
      denial("GetRole", roleArn("Other")),
    ],
    [
      () => alice.send(new iam.GetRoleCommand({ RoleName: "No" })),
      denial("GetRole", roleArn("No")),
    ],
    [() => alice.send(new iam.DeleteRoleCommand(role)), denial("DeleteRole", roleArn("Mine"))],
    [() => alice.send(new iam.ListRolesCommand({})), denial("ListRoles", "*")],
    [
      () =>
        alice.send(
          new iam.CreateRoleCommand({ ...role, Path: "/p/", AssumeRolePolicyDocument: service }),
        ),
      denial("CreateRole", roleArn("p/Mine")),
    ],
  ];
  for (const [send, expected] of rows) assert.deepEqual(await refused(send()), expected);
});

test("tags of a request and of a role decide where a policy asks for them", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makeRole(server, "Docs", service);
  await root.send(
    new iam.TagRoleCommand({ RoleName: "Docs", Tags: [{ Key: "team", Value: "docs" }] }),
  );
  await makeRole(server, "Bare", service);
  const policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "iam:DeleteRole",
        Resource: "*",
        Condition: { StringEquals: { "aws:ResourceTag/Team": "${aws:PrincipalTag/team}" } },
      },
      {
        Effect: "Allow",
        Action: "iam:TagRole",
        Resource: "*",
        Condition: {
          StringEquals: { "aws:RequestTag/cost": "1" },
          "ForAllValues:StringEquals": { "aws:TagKeys": ["cost"] },
        },
      },
    ],
  });
  const alice = iamClient(server, await makeUser(server, "alice", policy));
  const remove = (RoleName: string): Promise<unknown> =>
    alice.send(new iam.DeleteRoleCommand({ RoleName }));
  const tag = (Tags: iam.Tag[]): Promise<unknown> =>
    alice.send(new iam.TagRoleCommand({ RoleName: "Bare", Tags }));
  assert.equal((await refused(remove("Docs")))[0], "AccessDenied");
  const team = { UserName: "alice", Tags: [{ Key: "team", Value: "docs" }] };
  await root.send(new iam.TagUserCommand(team));
  assert.equal((await refused(remove("Bare")))[0], "AccessDenied");
  await remove("Docs");
  assert.equal((await refused(tag([{ Key: "cost", Value: "2" }])))[0], "AccessDenied");
  const two = [
    { Key: "cost", Value: "1" },
    { Key: "x", Value: "1" },
  ];
  assert.equal((await refused(tag(two)))[0], "AccessDenied");
  await tag([{ Key: "cost", Value: "1" }]);
});
