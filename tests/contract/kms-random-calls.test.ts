import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { systemIds } from "../../src/core/ids.ts";
import { createIdentity } from "../../src/identity/identity.ts";
import {
  decodeKms,
  type KmsCall,
  kmsOperations,
  kmsQuestions,
  runKms,
} from "../../src/operations/kms/kms-operations.ts";
import { openDatabase } from "../../src/store/store.ts";
import { encodeJson, JsonError } from "../../src/wire/wire.ts";

const accountId = "111122223333";
const root = { accessKeyId: "AKIAROOTROOTROOTROOT", secretAccessKey: "s" };

test("no call, however odd, is answered by anything but an output or a modelled error", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "quarry-kms-random-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await using db = await openDatabase(join(directory, "quarry.db"));
  const identity = createIdentity({ db, accountId, root, sealingKey: systemIds.bytes(32) });
  const rootArn = `arn:aws:iam::${accountId}:root`;
  const now = new Date("2026-01-01T00:00:00Z");
  const call: KmsCall = {
    db,
    identity,
    ids: systemIds,
    caller: {
      principal: { type: "root", arn: rootArn, account: accountId },
      accountId,
      entityId: undefined,
    },
    facts: { now, region: "us-east-1", isSecure: false, sourceIp: "127.0.0.1" },
    now,
    pageTokenKey: systemIds.bytes(32),
    region: "us-east-1",
  };
  const ids: string[] = ["alias/a", "alias/none", "none"];
  const text = (): fc.Arbitrary<string> =>
    fc.oneof(fc.constantFrom(...ids, rootArn, "default", "AES_256", "AQID", "{}"), fc.string());
  const named = fc.constant(0).chain(text);
  const likely: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    string: named,
    enum: fc.constantFrom("AES_256", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS_KMS"),
    integer: fc.integer({ min: -1, max: 1100 }),
    boolean: fc.constant(false),
    blob: fc.constantFrom("AQID", "AQ=="),
    list: fc.constantFrom([{ TagKey: "a", TagValue: "b" }], ["Encrypt", "Decrypt"], ["a"], []),
    map: fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }),
    structure: fc.constantFrom({ EncryptionContextSubset: { a: "b" } }, {}),
  };
  const valueOf = (type: string, isRequired: boolean): fc.Arbitrary<unknown> =>
    fc.oneof(
      { weight: 20, arbitrary: likely[type] ?? fc.constant(null) },
      { weight: isRequired ? 1 : 50, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
    );
  const { KeyMetadata } = (await runKms({ operation: "CreateKey", input: {} }, call)) as {
    readonly KeyMetadata: { readonly KeyId: string };
  };
  // The generators read the list anew: from here on most calls find their key.
  for (let count = 0; count < 6; count += 1) ids.push(KeyMetadata.KeyId);
  const answers = new Map<string, number>();
  const count = (name: string): void => void answers.set(name, (answers.get(name) ?? 0) + 1);
  const operation = fc.constantFrom(...Object.entries(kmsOperations));
  const calls = operation.chain(([name, { input }]) => {
    const members = Object.entries(input.members).map(([member, { type }]) => {
      const required: readonly string[] = input.required;
      return [member, valueOf(type, required.includes(member))] as const;
    });
    return fc.tuple(fc.constant(name), fc.record(Object.fromEntries(members)));
  });
  const law = fc.asyncProperty(calls, async ([name, body]) => {
    try {
      const request = decodeKms(name, Buffer.from(JSON.stringify(body)));
      for (const question of await kmsQuestions(request, call)) {
        const verdict = await identity.authorize(call.caller, question);
        if (!verdict.isAllowed) return count("denied");
      }
      encodeJson(await runKms(request, call), "r");
      count("done");
    } catch (error) {
      assert.ok(error instanceof JsonError, `${name}: ${String(error)}`);
      assert.equal(error.status, 400);
      count(error.code);
    }
  });
  await fc.assert(law, { numRuns: 1500 });
  assert.ok((answers.get("done") ?? 0) > 30, JSON.stringify([...answers]));
  assert.ok(answers.size > 5, JSON.stringify([...answers]));
});
