import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { kmsOperations, unbuiltKmsOperations } from "../../src/operations/kms/kms-operations.ts";
import { grantConstraints } from "../../src/operations/kms/shapes.ts";
import { testServer, type TestServer } from "../support/test-server.ts";
import {
  accountId,
  keyPolicy,
  kms,
  makeKey,
  makeUser,
  refused,
  refusedAs,
  userArn,
} from "./kms-clients.ts";

let server: TestServer;
let client: sdk.KMSClient;
before(async () => {
  server = await testServer();
  client = kms(server);
});
after(() => server[Symbol.asyncDispose]());

const Plaintext = Buffer.from("x");
const dayMs = 86_400_000;

test("every operation of the model is built or said not to be, with the members of the model", () => {
  const commands = Object.keys(sdk).filter((name) => /^[A-Z]\w+Command$/.test(name));
  const names = commands.map((name) => name.replace(/Command$/, ""));
  const ours = [...Object.keys(kmsOperations), ...unbuiltKmsOperations];
  assert.deepEqual(
    names.filter((name) => !ours.includes(name)),
    [],
  );
  const schemas = sdk as unknown as Readonly<Record<string, readonly unknown[]>>;
  let members = 0;
  for (const [name, { input }] of Object.entries(kmsOperations)) {
    const schema = schemas[`${name}Request$`];
    assert.ok(schema !== undefined, `the client has no schema of ${name}`);
    const [, , , , theirs, , required = 0] = schema as [0, 0, 0, 0, string[], unknown, number?];
    assert.deepEqual(Object.keys(input.members).toSorted(), theirs.toSorted(), name);
    assert.deepEqual(input.required.toSorted(), theirs.slice(0, required).toSorted(), name);
    members += theirs.length;
  }
  // A constraint that is passed over makes a grant wider than it was asked for.
  const [, , , , constraints] = schemas["GrantConstraints$"] as [0, 0, 0, 0, string[]];
  assert.deepEqual(Object.keys(grantConstraints.members).toSorted(), constraints.toSorted());
  assert.ok(members > 80, `only ${members} members seen`);
});

test("a key is shown as it was made; other kinds of keys are refused", async () => {
  const { KeyMetadata } = await client.send(new sdk.CreateKeyCommand({ Description: "mine" }));
  const { KeyId = "", Arn, CreationDate, ...rest } = KeyMetadata ?? {};
  assert.equal(Arn, `arn:aws:kms:us-east-1:${accountId}:key/${KeyId}`);
  assert.ok(Math.abs(Date.now() - (CreationDate?.getTime() ?? 0)) < 60_000);
  assert.deepEqual(rest, {
    AWSAccountId: accountId,
    CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
    Description: "mine",
    Enabled: true,
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    KeyManager: "CUSTOMER",
    KeySpec: "SYMMETRIC_DEFAULT",
    KeyState: "Enabled",
    KeyUsage: "ENCRYPT_DECRYPT",
    MultiRegion: false,
    Origin: "AWS_KMS",
  });
  const rows: readonly (readonly [sdk.CreateKeyCommandInput, string])[] = [
    [{ KeySpec: "RSA_2048" }, "UnsupportedOperationException"],
    [{ CustomerMasterKeySpec: "HMAC_256" }, "UnsupportedOperationException"],
    [{ KeySpec: "SYMMETRIC_DEFAULT", KeyUsage: "SIGN_VERIFY" }, "ValidationException"],
    [{ MultiRegion: true }, "UnsupportedOperationException"],
    [{ Origin: "EXTERNAL" }, "UnsupportedOperationException"],
    [{ CustomKeyStoreId: "cks-1" }, "UnsupportedOperationException"],
    [{ Description: "x".repeat(8193) }, "ValidationException"],
    [{ Policy: "{" }, "MalformedPolicyDocumentException"],
    [{ Policy: keyPolicy({ Action: "kms:*", Resource: "*" }) }, "MalformedPolicyDocumentException"],
    [{ Tags: [{ TagKey: "aws:a", TagValue: "" }] }, "TagException"],
  ];
  for (const [input, name] of rows) {
    const sent = client.send(new sdk.CreateKeyCommand(input));
    assert.equal(await refusedAs(sent), name, JSON.stringify(input).slice(0, 80));
  }
});

test("a key that does not exist, or is named wrongly, is refused by how it was named", async () => {
  const { id } = await makeKey(server);
  const none = "00000000-0000-4000-8000-000000000000";
  const arn = (region: string, account: string, name: string): string =>
    `arn:aws:kms:${region}:${account}:${name}`;
  const rows: readonly (readonly [string, string])[] = [
    [none, "NotFoundException"],
    ["alias/nothing", "NotFoundException"],
    [arn("us-east-1", accountId, `key/${none}`), "NotFoundException"],
    [arn("us-east-1", accountId, "alias/nothing"), "NotFoundException"],
    [arn("eu-west-1", accountId, `key/${id}`), "NotFoundException"],
    [arn("us-east-1", "999999999999", `key/${id}`), "AccessDeniedException"],
    [`arn:aws:s3:::${id}`, "InvalidArnException"],
    [arn("us-east-1", accountId, id), "InvalidArnException"],
    [`key/${id}`, "NotFoundException"],
    [id.toUpperCase(), "NotFoundException"],
    ["", "ValidationException"],
    ["x".repeat(2049), "ValidationException"],
  ];
  for (const [KeyId, name] of rows) {
    const [got, status] = await refused(client.send(new sdk.DescribeKeyCommand({ KeyId })));
    assert.deepEqual([got, status], [name, 400], KeyId.slice(0, 80));
  }
  const AliasName = "alias/admin";
  await client.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: id }));
  const disable = client.send(new sdk.DisableKeyCommand({ KeyId: AliasName }));
  assert.deepEqual(await refused(disable), [
    "NotFoundException",
    400,
    "Invalid keyId 'alias/admin'",
  ]);
});

test("an alias moves from key to key; two of a name and names of the service are refused", async () => {
  const { id } = await makeKey(server);
  const { id: id2, arn: arn2 } = await makeKey(server);
  const AliasName = "alias/moves";
  const create = (name: string): Promise<unknown> =>
    client.send(new sdk.CreateAliasCommand({ AliasName: name, TargetKeyId: id }));
  await create(AliasName);
  assert.equal(await refusedAs(create(AliasName)), "AlreadyExistsException");
  assert.equal(await refusedAs(create("alias/aws/s3")), "InvalidAliasNameException");
  assert.equal(await refusedAs(create("alias/a:key/b")), "InvalidAliasNameException");
  for (const name of ["moves", "alias/", "alias/ä"]) {
    assert.equal(await refusedAs(create(name)), "ValidationException", name);
  }
  await client.send(new sdk.UpdateAliasCommand({ AliasName, TargetKeyId: id2 }));
  const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId: AliasName }));
  assert.equal(KeyMetadata?.Arn, arn2);
  for (let count = 0; count < 3; count += 1) await create(`alias/more-${count}`);
  const pages: (string | undefined)[] = [];
  for await (const { Aliases = [] } of sdk.paginateListAliases(
    { client, pageSize: 2 },
    { KeyId: id },
  )) {
    pages.push(...Aliases.map(({ AliasName, TargetKeyId }) => `${AliasName} ${TargetKeyId}`));
  }
  assert.deepEqual(
    pages,
    [0, 1, 2].map((count) => `alias/more-${count} ${id}`),
  );
  await client.send(new sdk.DeleteAliasCommand({ AliasName }));
  const gone = client.send(new sdk.DeleteAliasCommand({ AliasName }));
  assert.equal(await refusedAs(gone), "NotFoundException");
});

test("keys and tags are listed page by page", async () => {
  const { id } = await makeKey(server);
  const listed: (string | undefined)[] = [];
  for await (const { Keys = [] } of sdk.paginateListKeys({ client, pageSize: 3 }, {})) {
    listed.push(...Keys.map(({ KeyId }) => KeyId));
  }
  assert.ok(listed.includes(id) && new Set(listed).size === listed.length && listed.length > 3);
  const tag = (count: number): sdk.Tag => ({ TagKey: `key-${count}`, TagValue: `${count}` });
  const Tags = Array.from({ length: 50 }, (_, count) => tag(count));
  await client.send(new sdk.TagResourceCommand({ KeyId: id, Tags }));
  await client.send(
    new sdk.TagResourceCommand({ KeyId: id, Tags: [{ ...tag(7), TagValue: "x" }] }),
  );
  const more = client.send(new sdk.TagResourceCommand({ KeyId: id, Tags: [tag(50)] }));
  assert.equal(await refusedAs(more), "LimitExceededException");
  const twice = client.send(new sdk.TagResourceCommand({ KeyId: id, Tags: [tag(1), tag(1)] }));
  assert.equal(await refusedAs(twice), "TagException");
  await client.send(new sdk.UntagResourceCommand({ KeyId: id, TagKeys: ["key-1", "none"] }));
  const seen: sdk.Tag[] = [];
  for await (const page of sdk.paginateListResourceTags({ client, pageSize: 20 }, { KeyId: id })) {
    seen.push(...(page.Tags ?? []));
  }
  assert.equal(seen.length, 49);
  assert.equal(seen.find(({ TagKey }) => TagKey === "key-7")?.TagValue, "x");
});

test("the default policy is the root statement; a policy names people, not names", async () => {
  const { id: KeyId } = await makeKey(server);
  const read = (): Promise<sdk.GetKeyPolicyCommandOutput> =>
    client.send(new sdk.GetKeyPolicyCommand({ KeyId }));
  const { Policy = "", PolicyName } = await read();
  assert.equal(PolicyName, "default");
  const { Statement } = JSON.parse(Policy) as { readonly Statement: unknown };
  assert.deepEqual(Statement, [
    {
      Sid: "Enable IAM User Permissions",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: "kms:*",
      Resource: "*",
    },
  ]);
  const names = await client.send(new sdk.ListKeyPoliciesCommand({ KeyId }));
  assert.deepEqual([names.PolicyNames, names.Truncated], [["default"], false]);
  const named = (arn: string): string =>
    keyPolicy({ Principal: { AWS: arn }, Action: "kms:Decrypt", Resource: "*" });
  const put = (input: Partial<sdk.PutKeyPolicyCommandInput>): Promise<unknown> =>
    client.send(new sdk.PutKeyPolicyCommand({ KeyId, Policy: keyPolicy(), ...input }));
  const missing = put({ Policy: named(userArn("missing")) });
  assert.equal(await refusedAs(missing), "MalformedPolicyDocumentException");
  assert.equal(await refusedAs(put({ PolicyName: "other" })), "ValidationException");
  const long = keyPolicy({ Sid: "x".repeat(32_768), Principal: "*", Action: "*", Resource: "*" });
  assert.equal(await refusedAs(put({ Policy: long })), "LimitExceededException");
  await makeUser(server, "present");
  const policy = named(userArn("present"));
  await put({ Policy: policy });
  assert.equal((await read()).Policy, policy);
  const other = client.send(new sdk.GetKeyPolicyCommand({ KeyId, PolicyName: "other" }));
  assert.equal(await refusedAs(other), "NotFoundException");
});

test("a rotated key still decrypts what it encrypted before", async () => {
  const { id: KeyId, arn } = await makeKey(server);
  const encrypt = (): Promise<sdk.EncryptCommandOutput> =>
    client.send(new sdk.EncryptCommand({ KeyId, Plaintext }));
  const before = await encrypt();
  const rotated = await client.send(new sdk.RotateKeyOnDemandCommand({ KeyId }));
  assert.equal(rotated.KeyId, arn);
  const materials: (string | undefined)[] = [];
  for (const { CiphertextBlob } of [before, await encrypt()]) {
    const opened = await client.send(new sdk.DecryptCommand({ CiphertextBlob }));
    assert.deepEqual(Buffer.from(opened.Plaintext ?? []), Plaintext);
    materials.push(opened.KeyMaterialId);
  }
  assert.equal(new Set(materials).size, 2);
  const status = (): Promise<sdk.GetKeyRotationStatusCommandOutput> =>
    client.send(new sdk.GetKeyRotationStatusCommand({ KeyId }));
  assert.equal((await status()).KeyRotationEnabled, false);
  const RotationPeriodInDays = 90;
  await client.send(new sdk.EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }));
  const on = await status();
  assert.deepEqual([on.KeyRotationEnabled, on.RotationPeriodInDays], [true, 90]);
  const inDays = ((on.NextRotationDate?.getTime() ?? 0) - Date.now()) / dayMs;
  assert.ok(inDays > 89.9 && inDays < 90.1, String(inDays));
  for (const days of [89, 2561]) {
    const input = { KeyId, RotationPeriodInDays: days };
    const sent = client.send(new sdk.EnableKeyRotationCommand(input));
    assert.equal(await refusedAs(sent), "ValidationException");
  }
  await client.send(new sdk.DisableKeyRotationCommand({ KeyId }));
  assert.equal((await status()).KeyRotationEnabled, false);
  for (let count = 1; count < 25; count += 1) {
    await client.send(new sdk.RotateKeyOnDemandCommand({ KeyId }));
  }
  const more = client.send(new sdk.RotateKeyOnDemandCommand({ KeyId }));
  assert.equal(await refusedAs(more), "LimitExceededException");
});

test("sizes, algorithms and what is not built are refused in the service's words", async () => {
  const { id: KeyId } = await makeKey(server);
  const rows: readonly (readonly [Promise<unknown>, string])[] = [
    [
      client.send(new sdk.EncryptCommand({ KeyId, Plaintext: new Uint8Array(4097) })),
      "ValidationException",
    ],
    [
      client.send(new sdk.EncryptCommand({ KeyId, Plaintext: new Uint8Array(0) })),
      "ValidationException",
    ],
    [
      client.send(
        new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }),
      ),
      "InvalidKeyUsageException",
    ],
    [
      client.send(
        new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionContext: { a: "x".repeat(8192) } }),
      ),
      "ValidationException",
    ],
    [
      client.send(new sdk.EncryptCommand({ KeyId, Plaintext, DryRun: true })),
      "DryRunOperationException",
    ],
    [client.send(new sdk.GenerateDataKeyCommand({ KeyId })), "ValidationException"],
    [
      client.send(new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", NumberOfBytes: 32 })),
      "ValidationException",
    ],
    [client.send(new sdk.GenerateRandomCommand({})), "ValidationException"],
    [client.send(new sdk.GenerateRandomCommand({ NumberOfBytes: 1025 })), "ValidationException"],
    [client.send(new sdk.GetPublicKeyCommand({ KeyId })), "UnsupportedOperationException"],
    [
      client.send(
        new sdk.GenerateDataKeyCommand({
          KeyId,
          KeySpec: "AES_256",
          Recipient: { KeyEncryptionAlgorithm: "RSAES_OAEP_SHA_256" },
        }),
      ),
      "UnsupportedOperationException",
    ],
  ];
  for (const [sent, name] of rows) assert.equal(await refusedAs(sent), name);
  const huge = await client.send(
    new sdk.EncryptCommand({ KeyId, Plaintext: new Uint8Array(4096) }),
  );
  assert.ok((huge.CiphertextBlob?.length ?? 9999) <= 6144);
});

test("a stranger, and who sends another's operation, is told so in this protocol", async () => {
  const stranger = kms(server, { accessKeyId: "AKIANOBODYKNOWSTHIS1", secretAccessKey: "x" });
  assert.deepEqual((await refused(stranger.send(new sdk.ListKeysCommand({})))).slice(0, 2), [
    "UnrecognizedClientException",
    400,
  ]);
  const unsigned = await fetch(server.url, {
    method: "POST",
    headers: { "x-amz-target": "TrentService.ListKeys" },
    body: "{}",
  });
  assert.equal(unsigned.status, 400);
  assert.equal(unsigned.headers.get("content-type"), "application/x-amz-json-1.1");
  const { __type } = (await unsigned.json()) as { readonly __type: string };
  assert.equal(__type, "MissingAuthenticationTokenException");
});
