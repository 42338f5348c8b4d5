import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CreateUserCommand, DeleteAccessKeyCommand, DeleteUserCommand } from "@aws-sdk/client-iam";
import * as sdk from "@aws-sdk/client-kms";
import { iam, type Keys } from "../support/clients.ts";
import { testServer, type TestServer } from "../support/test-server.ts";
import { accountId, kms, makeKey, makeUser, refused, refusedAs, userArn } from "./kms-clients.ts";

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server[Symbol.asyncDispose]());

const Plaintext = Buffer.from("x");

function give(
  KeyId: string,
  user: string,
  input: Partial<sdk.CreateGrantCommandInput> = {},
  by: Keys = server.rootKey,
): Promise<sdk.CreateGrantCommandOutput> {
  const GranteePrincipal = user.includes(":") ? user : userArn(user);
  const Operations: sdk.GrantOperation[] = ["Encrypt"];
  return kms(server, by).send(
    new sdk.CreateGrantCommand({ KeyId, GranteePrincipal, Operations, ...input }),
  );
}

function encrypt(
  KeyId: string,
  by: Keys,
  EncryptionContext?: Record<string, string>,
): Promise<sdk.EncryptCommandOutput> {
  return kms(server, by).send(new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
}

test("a grant lets its grantee do what it names and nothing else, until it is revoked", async () => {
  const alice = await makeUser(server, "alice");
  const bob = await makeUser(server, "bob");
  const { id: KeyId } = await makeKey(server);
  const { id: other } = await makeKey(server);
  const { GrantId = "", GrantToken = "" } = await give(KeyId, "alice");
  assert.match(GrantId, /^[0-9a-f]{64}$/);
  const { CiphertextBlob } = await encrypt(KeyId, alice);
  const tokens = new sdk.EncryptCommand({ KeyId, Plaintext, GrantTokens: [GrantToken] });
  await kms(server, alice).send(tokens);
  assert.equal(await refusedAs(encrypt(KeyId, bob)), "AccessDeniedException");
  assert.equal(await refusedAs(encrypt(other, alice)), "AccessDeniedException");
  const decrypt = kms(server, alice).send(new sdk.DecryptCommand({ CiphertextBlob }));
  assert.equal(await refusedAs(decrypt), "AccessDeniedException");
  await kms(server).send(new sdk.RevokeGrantCommand({ KeyId, GrantId }));
  assert.equal(await refusedAs(encrypt(KeyId, alice)), "AccessDeniedException");
  const again = kms(server).send(new sdk.RevokeGrantCommand({ KeyId, GrantId }));
  assert.equal(await refusedAs(again), "NotFoundException");
  const wrong = new sdk.EncryptCommand({ KeyId, Plaintext, GrantTokens: ["made-up"] });
  assert.equal(await refusedAs(kms(server).send(wrong)), "InvalidGrantTokenException");
});

test("a deny counts against a grant, and a constraint binds it to contexts", async () => {
  const carol = await makeUser(server, "carol");
  const dave = await makeUser(server, "dave", [
    { Effect: "Deny", Action: "kms:Encrypt", Resource: "*" },
  ]);
  const { id: KeyId } = await makeKey(server);
  const EncryptionContextSubset = { app: "1" };
  await give(KeyId, "carol", { Constraints: { EncryptionContextSubset } });
  await give(KeyId, "dave");
  assert.equal(await refusedAs(encrypt(KeyId, dave)), "AccessDeniedException");
  await encrypt(KeyId, carol, { app: "1", more: "2" });
  for (const context of [undefined, { app: "2" }, { App: "1" }, { more: "2" }]) {
    assert.equal(await refusedAs(encrypt(KeyId, carol, context)), "AccessDeniedException");
  }
  const { id: exact } = await makeKey(server);
  await give(exact, "carol", { Constraints: { EncryptionContextEquals: { app: "1" } } });
  await encrypt(exact, carol, { app: "1" });
  const wider = encrypt(exact, carol, { app: "1", more: "2" });
  assert.equal(await refusedAs(wider), "AccessDeniedException");
});

test("who makes grants by a grant hands on no more than that grant allows", async () => {
  const erin = await makeUser(server, "erin");
  const frank = await makeUser(server, "frank");
  const { id: KeyId } = await makeKey(server);
  const Constraints = { EncryptionContextSubset: { app: "1" } };
  await give(KeyId, "erin", { Operations: ["Encrypt", "Decrypt", "CreateGrant"], Constraints });
  const rows: readonly (readonly [Partial<sdk.CreateGrantCommandInput>, boolean])[] = [
    [{ Operations: ["Encrypt"], Constraints }, true],
    [{ Constraints: { EncryptionContextSubset: { app: "1", more: "2" } } }, true],
    [{ Constraints: { EncryptionContextEquals: { app: "1" } } }, true],
    [{}, false],
    [{ Constraints: { EncryptionContextSubset: { app: "2" } } }, false],
    [{ Constraints: { EncryptionContextEquals: { more: "1" } } }, false],
    [{ Operations: ["Encrypt", "GenerateDataKey"], Constraints }, false],
  ];
  for (const [input, isAllowed] of rows) {
    const sent = give(KeyId, "frank", { ...input, DryRun: true }, erin);
    const expected = isAllowed ? "DryRunOperationException" : "AccessDeniedException";
    assert.equal(await refusedAs(sent), expected, JSON.stringify(input));
  }
  await give(KeyId, "frank", { Constraints }, erin);
  await encrypt(KeyId, frank, { app: "1" });
  const onward = give(KeyId, "erin", { Constraints }, frank);
  assert.equal(await refusedAs(onward), "AccessDeniedException");
});

test("an exact parent is not handed on as a subset of the same pairs", async () => {
  const keys = await makeUser(server, "exact");
  const { id: KeyId } = await makeKey(server);
  const Constraints = { EncryptionContextEquals: { app: "1" } };
  await give(KeyId, "exact", { Operations: ["Encrypt", "CreateGrant"], Constraints });
  await give(KeyId, "exact", { Constraints }, keys);
  const looser = { Constraints: { EncryptionContextSubset: { app: "1" } } };
  assert.equal(await refusedAs(give(KeyId, "exact", looser, keys)), "AccessDeniedException");
});

test("a grant is retired by whom it names, by its grantee if it says so, and by nobody else", async () => {
  const keys = await makeUser(server, "grantee");
  const retirer = await makeUser(server, "retirer");
  const stranger = await makeUser(server, "stranger");
  const { id: KeyId, arn } = await makeKey(server);
  const retire = (by: Keys, input: sdk.RetireGrantCommandInput): Promise<unknown> =>
    kms(server, by).send(new sdk.RetireGrantCommand(input));
  const RetiringPrincipal = userArn("retirer");
  const { GrantToken, GrantId } = await give(KeyId, "grantee", { RetiringPrincipal });
  assert.equal(await refusedAs(retire(stranger, { GrantToken })), "AccessDeniedException");
  assert.equal(await refusedAs(retire(keys, { GrantToken })), "AccessDeniedException");
  for (const input of [{}, { GrantId }, { GrantToken, GrantId }]) {
    assert.equal(await refusedAs(retire(retirer, input)), "ValidationException");
  }
  const wrong = retire(retirer, { GrantToken: "made-up" });
  assert.equal(await refusedAs(wrong), "InvalidGrantTokenException");
  await retire(retirer, { GrantToken });
  assert.equal(await refusedAs(encrypt(KeyId, keys)), "AccessDeniedException");
  const own = await give(KeyId, "grantee", { Operations: ["Encrypt", "RetireGrant"] });
  const { GrantId: second } = await give(KeyId, "grantee");
  // What one grant allows about itself it does not allow about another.
  const foreign = retire(keys, { KeyId: arn, GrantId: second });
  assert.equal(await refusedAs(foreign), "AccessDeniedException");
  await retire(keys, { KeyId: arn, GrantId: own.GrantId });
});

test("a grant does not pass to a new user of the same name", async () => {
  const root = iam(server);
  const old = await makeUser(server, "heir");
  const { id: KeyId } = await makeKey(server);
  await give(KeyId, "heir");
  await encrypt(KeyId, old);
  const { accessKeyId: AccessKeyId } = old;
  await root.send(new DeleteAccessKeyCommand({ UserName: "heir", AccessKeyId }));
  await root.send(new DeleteUserCommand({ UserName: "heir" }));
  const fresh = await makeUser(server, "heir");
  assert.equal(await refusedAs(encrypt(KeyId, fresh)), "AccessDeniedException");
});

test("the same named grant asked for twice is one grant; wrong grants are none", async () => {
  const { id: KeyId, arn } = await makeKey(server);
  await iam(server).send(new CreateUserCommand({ UserName: "twice" }));
  const Name = "for-twice";
  const first = await give(KeyId, "twice", { Name });
  const second = await give(KeyId, "twice", { Name });
  assert.equal(first.GrantId, second.GrantId);
  const third = await give(KeyId, "twice", { Name, Operations: ["Decrypt"] });
  assert.notEqual(first.GrantId, third.GrantId);
  const { Grants = [] } = await kms(server).send(
    new sdk.ListGrantsCommand({ KeyId, GrantId: first.GrantId }),
  );
  assert.deepEqual(
    Grants.map(({ KeyId, GranteePrincipal, Operations, IssuingAccount, Name }) => ({
      KeyId,
      GranteePrincipal,
      Operations,
      IssuingAccount,
      Name,
    })),
    [
      {
        KeyId: arn,
        GranteePrincipal: userArn("twice"),
        Operations: ["Encrypt"],
        IssuingAccount: `arn:aws:iam::${accountId}:root`,
        Name,
      },
    ],
  );
  const pairs = Object.fromEntries([..."abcdefghi"].map((name) => [name, "1"]));
  const rows: readonly (readonly [Partial<sdk.CreateGrantCommandInput>, string, string])[] = [
    [{ GranteePrincipal: userArn("nobody") }, "InvalidArnException", "valid principal"],
    [{ GranteePrincipal: undefined }, "ValidationException", "needs a GranteePrincipal"],
    [{ GranteePrincipal: "qbusiness.amazonaws.com" }, "InvalidArnException", "valid principal"],
    [{ GranteePrincipal: "someone" }, "InvalidArnException", "valid principal"],
    [{ RetiringPrincipal: userArn("nobody") }, "InvalidArnException", "valid principal"],
    [{ Operations: [] }, "ValidationException", "at least one"],
    [{ Operations: ["Sign"] }, "ValidationException", "Sign is not for symmetric"],
    [{ Operations: ["Fly" as "Sign"] }, "ValidationException", "enum value set"],
    [{ Constraints: { EncryptionContextEquals: pairs } }, "ValidationException", "at most 8"],
    [
      { Constraints: { EncryptionContextEquals: {}, EncryptionContextSubset: {} } },
      "ValidationException",
      "Only one",
    ],
    [{ Name: "a b" }, "ValidationException", "regular expression"],
  ];
  for (const [input, name, message] of rows) {
    const [got, status, told] = await refused(give(KeyId, "twice", input));
    assert.deepEqual([got, status], [name, 400], JSON.stringify(input));
    assert.ok(told.includes(message), told);
  }
  const services: readonly Partial<sdk.CreateGrantCommandInput>[] = [
    { GranteePrincipal: undefined, GranteeServicePrincipal: "qbusiness.amazonaws.com" },
    { RetiringServicePrincipal: "qbusiness.amazonaws.com" },
    { Constraints: { SourceArn: arn } },
  ];
  for (const input of services) {
    // Passed over, a constraint would leave a grant wider than it was asked for.
    assert.equal(await refusedAs(give(KeyId, "twice", input)), "UnsupportedOperationException");
  }
});

test("grants are listed page by page", async () => {
  const { id: KeyId } = await makeKey(server);
  const made: (string | undefined)[] = [];
  for (let count = 0; count < 5; count += 1) {
    made.push((await give(KeyId, `arn:aws:iam::${accountId}:root`)).GrantId);
  }
  const seen: (string | undefined)[] = [];
  let Marker: string | undefined;
  do {
    const page: sdk.ListGrantsCommandOutput = await kms(server).send(
      new sdk.ListGrantsCommand({ KeyId, Limit: 2, Marker }),
    );
    seen.push(...(page.Grants ?? []).map(({ GrantId }) => GrantId));
    assert.equal(page.Truncated, page.NextMarker !== undefined);
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  assert.deepEqual(seen.toSorted(), made.toSorted());
  const { NextMarker } = await kms(server).send(new sdk.ListGrantsCommand({ KeyId, Limit: 2 }));
  const { id: other } = await makeKey(server);
  for (const [id, marker] of [
    [other, NextMarker],
    [KeyId, "made-up"],
  ] as const) {
    const sent = kms(server).send(new sdk.ListGrantsCommand({ KeyId: id, Marker: marker }));
    assert.equal(await refusedAs(sent), "InvalidMarkerException");
  }
});
