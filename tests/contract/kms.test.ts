import assert from "node:assert/strict";
import { test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { testServer } from "../support/test-server.ts";
import { accountId, kms, makeKey, refused, refusedAs, region } from "./kms-clients.ts";

const text = Buffer.from("the merger closes in May");
const EncryptionContext = { tenant: "a", Purpose: "test" };

test("a key encrypts, decrypts, re-encrypts and makes data keys, by every name it has", async () => {
  await using server = await testServer();
  const client = kms(server);
  const { id, arn } = await makeKey(server, { Description: "documents" });
  const AliasName = "alias/documents";
  await client.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: id }));
  const aliasArn = `arn:aws:kms:${region}:${accountId}:${AliasName}`;
  for (const KeyId of [id, arn, AliasName, aliasArn]) {
    const made = await client.send(
      new sdk.EncryptCommand({ KeyId, Plaintext: text, EncryptionContext }),
    );
    assert.deepEqual([made.KeyId, made.EncryptionAlgorithm], [arn, "SYMMETRIC_DEFAULT"]);
    const { CiphertextBlob } = made;
    for (const named of [undefined, KeyId]) {
      const opened = await client.send(
        new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId: named }),
      );
      assert.deepEqual(Buffer.from(opened.Plaintext ?? []), text);
      assert.equal(opened.KeyId, arn);
    }
    const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId }));
    assert.equal(KeyMetadata?.Arn, arn);
  }
  const { arn: other } = await makeKey(server);
  const first = await client.send(
    new sdk.EncryptCommand({ KeyId: id, Plaintext: text, EncryptionContext }),
  );
  const again = await client.send(
    new sdk.ReEncryptCommand({
      CiphertextBlob: first.CiphertextBlob,
      SourceEncryptionContext: EncryptionContext,
      DestinationKeyId: other,
      DestinationEncryptionContext: { tenant: "b" },
    }),
  );
  assert.deepEqual([again.SourceKeyId, again.KeyId], [arn, other]);
  const opened = await client.send(
    new sdk.DecryptCommand({
      CiphertextBlob: again.CiphertextBlob,
      EncryptionContext: { tenant: "b" },
    }),
  );
  assert.deepEqual(Buffer.from(opened.Plaintext ?? []), text);
  const data = await client.send(
    new sdk.GenerateDataKeyCommand({ KeyId: id, KeySpec: "AES_256", EncryptionContext }),
  );
  const unwrapped = await client.send(
    new sdk.DecryptCommand({ CiphertextBlob: data.CiphertextBlob, EncryptionContext }),
  );
  assert.equal(data.Plaintext?.length, 32);
  assert.deepEqual(unwrapped.Plaintext, data.Plaintext);
  const untold = await client.send(
    new sdk.GenerateDataKeyWithoutPlaintextCommand({ KeyId: id, NumberOfBytes: 1024 }),
  );
  assert.ok(!("Plaintext" in untold));
  const told = await client.send(new sdk.DecryptCommand({ CiphertextBlob: untold.CiphertextBlob }));
  assert.equal(told.Plaintext?.length, 1024);
  const random = await client.send(new sdk.GenerateRandomCommand({ NumberOfBytes: 40 }));
  assert.equal(random.Plaintext?.length, 40);
});

test("a ciphertext opens with its context and its key alone", async () => {
  await using server = await testServer();
  const client = kms(server);
  const { id, arn } = await makeKey(server);
  const { id: other } = await makeKey(server);
  const { CiphertextBlob } = await client.send(
    new sdk.EncryptCommand({ KeyId: id, Plaintext: text, EncryptionContext }),
  );
  const open = (input: Partial<sdk.DecryptCommandInput>): Promise<unknown> =>
    client.send(new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext, ...input }));
  await open({});
  for (const wrong of [
    {},
    { tenant: "a" },
    { tenant: "A", Purpose: "test" },
    { ...EncryptionContext, more: "" },
  ]) {
    const sent = open({ EncryptionContext: wrong });
    assert.equal(await refusedAs(sent), "InvalidCiphertextException");
  }
  assert.equal(await refusedAs(open({ KeyId: other })), "IncorrectKeyException");
  const altered = Buffer.from(CiphertextBlob ?? []);
  altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
  assert.equal(await refusedAs(open({ CiphertextBlob: altered })), "InvalidCiphertextException");
  const garbage = Buffer.from("no ciphertext at all");
  assert.equal(await refusedAs(open({ CiphertextBlob: garbage })), "InvalidCiphertextException");
  const stranger = Buffer.from(CiphertextBlob ?? []);
  stranger.fill(7, 1, 17);
  const [name, status] = await refused(open({ CiphertextBlob: stranger }));
  assert.deepEqual([name, status], ["AccessDeniedException", 400]);
  assert.deepEqual(await refused(open({ CiphertextBlob: undefined })), [
    "ValidationException",
    400,
    "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
  ]);
  assert.match(arn, /^arn:aws:kms:us-east-1:111122223333:key\/[0-9a-f-]{36}$/);
});

test("a disabled key does nothing until it is enabled, and one that waits for its end even less", async () => {
  await using server = await testServer();
  const client = kms(server);
  const { id: KeyId, arn } = await makeKey(server);
  const encrypt = (): Promise<sdk.EncryptCommandOutput> =>
    client.send(new sdk.EncryptCommand({ KeyId, Plaintext: text }));
  const { CiphertextBlob } = await encrypt();
  const uses: readonly (() => Promise<unknown>)[] = [
    encrypt,
    () => client.send(new sdk.DecryptCommand({ CiphertextBlob })),
    () => client.send(new sdk.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId })),
    () => client.send(new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_128" })),
    () =>
      client.send(new sdk.GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: "AES_128" })),
    () =>
      client.send(
        new sdk.CreateGrantCommand({ KeyId, GranteePrincipal: accountId, Operations: ["Decrypt"] }),
      ),
    () => client.send(new sdk.EnableKeyRotationCommand({ KeyId })),
    () => client.send(new sdk.DisableKeyRotationCommand({ KeyId })),
    () => client.send(new sdk.RotateKeyOnDemandCommand({ KeyId })),
  ];
  const notPending = await refused(client.send(new sdk.CancelKeyDeletionCommand({ KeyId })));
  assert.deepEqual(notPending.slice(0, 2), ["KMSInvalidStateException", 400]);
  await client.send(new sdk.DisableKeyCommand({ KeyId }));
  for (const use of uses) {
    assert.deepEqual(await refused(use()), ["DisabledException", 400, `${arn} is disabled.`]);
  }
  await client.send(new sdk.EnableKeyCommand({ KeyId }));
  for (const use of uses) await use();
  for (const PendingWindowInDays of [6, 31]) {
    const sent = client.send(new sdk.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
    assert.equal(await refusedAs(sent), "ValidationException");
  }
  const scheduled = await client.send(
    new sdk.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }),
  );
  assert.deepEqual([scheduled.KeyState, scheduled.PendingWindowInDays], ["PendingDeletion", 7]);
  assert.ok((scheduled.DeletionDate?.getTime() ?? 0) > Date.now() + 6.9 * 86_400_000);
  const administrative = [
    () => client.send(new sdk.EnableKeyCommand({ KeyId })),
    () => client.send(new sdk.DisableKeyCommand({ KeyId })),
    () => client.send(new sdk.ScheduleKeyDeletionCommand({ KeyId })),
    () => client.send(new sdk.CreateAliasCommand({ AliasName: "alias/a", TargetKeyId: KeyId })),
    () =>
      client.send(new sdk.TagResourceCommand({ KeyId, Tags: [{ TagKey: "a", TagValue: "b" }] })),
    () => client.send(new sdk.UntagResourceCommand({ KeyId, TagKeys: ["a"] })),
  ];
  for (const use of [...uses, ...administrative]) {
    const message = `${arn} is pending deletion.`;
    assert.deepEqual(await refused(use()), ["KMSInvalidStateException", 400, message]);
  }
  await client.send(new sdk.GetKeyPolicyCommand({ KeyId }));
  await client.send(new sdk.CancelKeyDeletionCommand({ KeyId }));
  const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId }));
  assert.deepEqual([KeyMetadata?.KeyState, KeyMetadata?.DeletionDate], ["Disabled", undefined]);
  await client.send(new sdk.EnableKeyCommand({ KeyId }));
  await client.send(new sdk.DecryptCommand({ CiphertextBlob }));
});
