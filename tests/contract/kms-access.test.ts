import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import type { Keys } from "../support/clients.ts";
import { testServer, type TestServer } from "../support/test-server.ts";
import {
  accountId,
  keyPolicy,
  kms,
  makeKey,
  makeUser,
  policyOf,
  refused,
  refusedAs,
  rootStatement,
  setPolicy,
  userArn,
} from "./kms-clients.ts";

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server[Symbol.asyncDispose]());

type Send = (client: sdk.KMSClient) => Promise<unknown>;
type Step = { readonly action: string; readonly resource: string; readonly send: Send };

const Plaintext = Buffer.from("x");

test("every operation is allowed with exactly its action on its resource, and denied without", async () => {
  const keys = await makeUser(server, "walker");
  const walker = kms(server, keys);
  const root = kms(server);
  const { id: KeyId, arn } = await makeKey(server);
  const all = `arn:aws:kms:us-east-1:${accountId}:`;
  const { CiphertextBlob } = await root.send(new sdk.EncryptCommand({ KeyId, Plaintext }));
  const GranteePrincipal = userArn("walker");
  const Operations: sdk.GrantOperation[] = ["Encrypt"];
  const grant = (): Promise<sdk.CreateGrantCommandOutput> =>
    root.send(
      new sdk.CreateGrantCommand({
        KeyId,
        GranteePrincipal: accountId,
        Operations,
      }),
    );
  const { GrantId } = await grant();
  const { GrantId: GrantId2 } = await grant();
  const one = (action: string, command: (client: sdk.KMSClient) => Promise<unknown>): Step => ({
    action,
    resource: arn,
    send: command,
  });
  const steps: readonly Step[] = [
    { action: "CreateKey", resource: "*", send: (c) => c.send(new sdk.CreateKeyCommand({})) },
    { action: "ListKeys", resource: "*", send: (c) => c.send(new sdk.ListKeysCommand({})) },
    { action: "ListAliases", resource: "*", send: (c) => c.send(new sdk.ListAliasesCommand({})) },
    {
      action: "GenerateRandom",
      resource: "*",
      send: (c) => c.send(new sdk.GenerateRandomCommand({ NumberOfBytes: 8 })),
    },
    one("DescribeKey", (c) => c.send(new sdk.DescribeKeyCommand({ KeyId }))),
    one("GetKeyPolicy", (c) => c.send(new sdk.GetKeyPolicyCommand({ KeyId }))),
    one("ListKeyPolicies", (c) => c.send(new sdk.ListKeyPoliciesCommand({ KeyId }))),
    one("PutKeyPolicy", (c) => c.send(new sdk.PutKeyPolicyCommand({ KeyId, Policy: keyPolicy() }))),
    one("Encrypt", (c) => c.send(new sdk.EncryptCommand({ KeyId, Plaintext }))),
    one("Decrypt", (c) => c.send(new sdk.DecryptCommand({ CiphertextBlob }))),
    one("GenerateDataKey", (c) =>
      c.send(new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" })),
    ),
    one("GenerateDataKeyWithoutPlaintext", (c) =>
      c.send(new sdk.GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: "AES_256" })),
    ),
    one("CreateGrant", (c) =>
      c.send(new sdk.CreateGrantCommand({ KeyId, GranteePrincipal, Operations, DryRun: true })),
    ),
    one("ListGrants", (c) => c.send(new sdk.ListGrantsCommand({ KeyId }))),
    one("RevokeGrant", (c) => c.send(new sdk.RevokeGrantCommand({ KeyId, GrantId }))),
    one("RetireGrant", (c) => c.send(new sdk.RetireGrantCommand({ KeyId, GrantId: GrantId2 }))),
    one("EnableKeyRotation", (c) => c.send(new sdk.EnableKeyRotationCommand({ KeyId }))),
    one("GetKeyRotationStatus", (c) => c.send(new sdk.GetKeyRotationStatusCommand({ KeyId }))),
    one("DisableKeyRotation", (c) => c.send(new sdk.DisableKeyRotationCommand({ KeyId }))),
    one("RotateKeyOnDemand", (c) => c.send(new sdk.RotateKeyOnDemandCommand({ KeyId }))),
    one("TagResource", (c) =>
      c.send(new sdk.TagResourceCommand({ KeyId, Tags: [{ TagKey: "a", TagValue: "b" }] })),
    ),
    one("UntagResource", (c) => c.send(new sdk.UntagResourceCommand({ KeyId, TagKeys: ["a"] }))),
    one("ListResourceTags", (c) => c.send(new sdk.ListResourceTagsCommand({ KeyId }))),
    one("DisableKey", (c) => c.send(new sdk.DisableKeyCommand({ KeyId }))),
    one("EnableKey", (c) => c.send(new sdk.EnableKeyCommand({ KeyId }))),
    one("ScheduleKeyDeletion", (c) => c.send(new sdk.ScheduleKeyDeletionCommand({ KeyId }))),
    one("CancelKeyDeletion", (c) => c.send(new sdk.CancelKeyDeletionCommand({ KeyId }))),
  ];
  for (const { action, resource, send } of steps) {
    const everythingElse = { NotAction: `kms:${action}`, Resource: "*" };
    await setPolicy(server, "walker", [everythingElse]);
    const [name, status, message] = await refused(send(walker));
    assert.deepEqual([name, status], ["AccessDeniedException", 400], action);
    const told = `User: ${userArn("walker")} is not authorized to perform: kms:${action} on resource: ${resource} because no identity-based policy allows the kms:${action} action`;
    assert.equal(message, told);
    if (resource !== "*") {
      await setPolicy(server, "walker", [{ Action: "kms:*", Resource: `${all}key/other` }]);
      assert.equal(await refusedAs(send(walker)), "AccessDeniedException", action);
    }
    await setPolicy(server, "walker", [{ Action: `kms:${action}`, Resource: resource }]);
    if (action === "CreateGrant")
      assert.equal(await refusedAs(send(walker)), "DryRunOperationException");
    else await send(walker);
  }
  assert.equal(steps.length, 27);
});

test("aliases need their own permission and that on each key they touch", async () => {
  const walker = kms(server, await makeUser(server, "aliaser"));
  const { id, arn } = await makeKey(server);
  const { id: id2, arn: arn2 } = await makeKey(server);
  const AliasName = "alias/walked";
  const alias = `arn:aws:kms:us-east-1:${accountId}:${AliasName}`;
  const rows: readonly (readonly [string, readonly string[], Send])[] = [
    [
      "CreateAlias",
      [alias, arn],
      (c) => c.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: id })),
    ],
    [
      "UpdateAlias",
      [alias, arn, arn2],
      (c) => c.send(new sdk.UpdateAliasCommand({ AliasName, TargetKeyId: id2 })),
    ],
    ["DeleteAlias", [alias, arn2], (c) => c.send(new sdk.DeleteAliasCommand({ AliasName }))],
  ];
  for (const [action, needed, send] of rows) {
    for (const left of needed) {
      const Resource = needed.filter((one) => one !== left);
      await setPolicy(server, "aliaser", [{ Action: `kms:${action}`, Resource }]);
      assert.equal(await refusedAs(send(walker)), "AccessDeniedException", `${action} ${left}`);
    }
    await setPolicy(server, "aliaser", [{ Action: `kms:${action}`, Resource: needed }]);
    await send(walker);
  }
});

test("re-encryption needs both sides, and tags at creation need the right to tag", async () => {
  const user = kms(server, await makeUser(server, "mover"));
  const { id: from, arn } = await makeKey(server);
  const { id: to, arn: arn2 } = await makeKey(server);
  const root = kms(server);
  const { CiphertextBlob } = await root.send(new sdk.EncryptCommand({ KeyId: from, Plaintext }));
  const move = (): Promise<unknown> =>
    user.send(new sdk.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to }));
  const source = { Action: "kms:ReEncryptFrom", Resource: arn };
  const target = { Action: "kms:ReEncryptTo", Resource: arn2 };
  for (const statements of [[source], [target]]) {
    await setPolicy(server, "mover", statements);
    assert.equal(await refusedAs(move()), "AccessDeniedException");
  }
  await setPolicy(server, "mover", [source, target]);
  await move();
  const onSame = { StringEquals: { "kms:ReEncryptOnSameKey": "true" } };
  await setPolicy(server, "mover", [source, { ...target, Condition: onSame }]);
  assert.equal(await refusedAs(move()), "AccessDeniedException");

  const Tags = [{ TagKey: "team", TagValue: "red" }];
  const create = (): Promise<unknown> => user.send(new sdk.CreateKeyCommand({ Tags }));
  const creating = { Action: "kms:CreateKey", Resource: "*" };
  await setPolicy(server, "mover", [creating]);
  assert.equal(await refusedAs(create()), "AccessDeniedException");
  const Condition = { StringEquals: { "aws:RequestTag/team": "red" } };
  const tagging = { Action: "kms:TagResource", Resource: "arn:aws:kms:*:*:key/*", Condition };
  await setPolicy(server, "mover", [creating, tagging]);
  await create();
});

test("a key policy decides who: the account by its policies, whom it names without, a deny always", async () => {
  const named = await makeUser(server, "named");
  const granted = await makeUser(server, "granted", [{ Action: "kms:*", Resource: "*" }]);
  const { id: KeyId, arn } = await makeKey(server);
  const encrypt = (keys: Keys): Promise<unknown> =>
    kms(server, keys).send(new sdk.EncryptCommand({ KeyId, Plaintext }));
  const put = (Policy: string): Promise<unknown> =>
    kms(server).send(
      new sdk.PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true }),
    );
  await encrypt(granted);
  assert.equal(await refusedAs(encrypt(named)), "AccessDeniedException");
  const use = { Principal: { AWS: userArn("named") }, Action: "kms:Encrypt", Resource: "*" };
  await put(keyPolicy(use));
  await encrypt(named);
  await encrypt(granted);
  // Without the root statement identity policies grant nothing; their denies count all the same.
  await put(JSON.stringify(policyOf([use])));
  await encrypt(named);
  assert.deepEqual(await refused(encrypt(granted)), [
    "AccessDeniedException",
    400,
    `User: ${userArn("granted")} is not authorized to perform: kms:Encrypt on resource: ${arn} because no resource-based policy allows the kms:Encrypt action`,
  ]);
  await setPolicy(server, "named", [{ Effect: "Deny", Action: "kms:Encrypt", Resource: arn }]);
  assert.match((await refused(encrypt(named)))[2], /explicit deny in an identity-based policy/);
});

test("conditions see the encryption context, the alias and the key's tags", async () => {
  const keys = await makeUser(server, "conditional");
  const { id: KeyId, arn } = await makeKey(server, { Tags: [{ TagKey: "team", TagValue: "red" }] });
  const AliasName = "alias/conditional";
  await kms(server).send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
  const encrypt = (name: string, EncryptionContext?: Record<string, string>): Promise<unknown> =>
    kms(server, keys).send(new sdk.EncryptCommand({ KeyId: name, Plaintext, EncryptionContext }));
  const when = (Condition: object): Promise<void> =>
    setPolicy(server, "conditional", [{ Action: "kms:Encrypt", Resource: arn, Condition }]);
  await when({ StringEquals: { "kms:EncryptionContext:tenant": "a" } });
  await encrypt(KeyId, { tenant: "a", more: "b" });
  for (const context of [undefined, {}, { tenant: "b" }]) {
    assert.equal(await refusedAs(encrypt(KeyId, context)), "AccessDeniedException");
  }
  // Two names that are one condition key could show a policy the wrong one.
  const doubled = encrypt(KeyId, { tenant: "a", Tenant: "b" });
  assert.equal(await refusedAs(doubled), "ValidationException");
  await when({ "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": ["tenant"] } });
  await encrypt(KeyId, { tenant: "x" });
  assert.equal(await refusedAs(encrypt(KeyId, { other: "x" })), "AccessDeniedException");
  await when({ StringEquals: { "kms:RequestAlias": AliasName } });
  await encrypt(AliasName);
  assert.equal(await refusedAs(encrypt(KeyId)), "AccessDeniedException");
  await when({ "ForAnyValue:StringEquals": { "kms:ResourceAliases": AliasName } });
  await encrypt(KeyId);
  await when({ StringEquals: { "aws:ResourceTag/team": "red" } });
  await encrypt(KeyId);
  await when({ StringEquals: { "aws:ResourceTag/team": "blue" } });
  assert.equal(await refusedAs(encrypt(KeyId)), "AccessDeniedException");
  // Nobody has come through a service here.
  await when({ StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } });
  assert.equal(await refusedAs(encrypt(KeyId)), "AccessDeniedException");
});

test("a policy that shuts its author out is refused, unless he insists", async () => {
  const { id: KeyId } = await makeKey(server);
  const shut = JSON.stringify(
    policyOf([{ ...rootStatement, Principal: { AWS: userArn("named") } }]),
  );
  const root = kms(server);
  const put = (more: object): Promise<unknown> =>
    root.send(new sdk.PutKeyPolicyCommand({ KeyId, Policy: shut, ...more }));
  const told = "The new key policy will not allow you to update the key policy in the future.";
  assert.deepEqual(await refused(put({})), ["MalformedPolicyDocumentException", 400, told]);
  const made = root.send(new sdk.CreateKeyCommand({ Policy: shut }));
  assert.equal(await refusedAs(made), "MalformedPolicyDocumentException");
  await put({ BypassPolicyLockoutSafetyCheck: true });
  assert.equal(await refusedAs(put({})), "AccessDeniedException");
});
