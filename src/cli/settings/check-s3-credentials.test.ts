import assert from "node:assert/strict";
import { test } from "node:test";
import { s3CredentialsOf } from "./check-s3-credentials.ts";
import type { WrittenSettings } from "./gather-settings.ts";

const accountId = "111122223333";

function written(settings: Readonly<Record<string, string>>): WrittenSettings {
  const entries = Object.entries(settings).map(
    ([key, value]) => [key, { values: [value], from: `--${key}`, base: "" }] as const,
  );
  return new Map(entries) as unknown as WrittenSettings;
}

test("nothing is assumed unless somebody asks for it", () => {
  assert.deepEqual(s3CredentialsOf(written({}), { accountId }), {});
  const chain = written({ "s3-credentials": "chain" });
  assert.deepEqual(s3CredentialsOf(chain, { accountId }), { s3Credentials: "chain" });
});

test("roles are assumed at AWS, or where an endpoint says", () => {
  const asked = written({ "s3-credentials": "assume-role" });
  assert.deepEqual(s3CredentialsOf(asked, { accountId }), { s3Credentials: "assume-role" });
  const stsEndpoint = "http://127.0.0.1:9000";
  const own = { s3Credentials: "assume-role", stsEndpoint };
  assert.deepEqual(s3CredentialsOf(asked, { accountId, stsEndpoint }), own);
  assert.deepEqual(s3CredentialsOf(asked, { accountId: "000000000000", stsEndpoint }), own);
});

test("roles are assumed with an external id where one is set, and only with a valid one", () => {
  const asked = (id: string) => written({ "s3-credentials": "assume-role", "sts-external-id": id });
  for (const id of ["ab", "quarry:prod/1@x", "x".repeat(1224)]) {
    const wanted = { s3Credentials: "assume-role", stsExternalId: id };
    assert.deepEqual(s3CredentialsOf(asked(id), { accountId }), wanted);
  }
  for (const id of ["a", "a b", "ab\n", "x".repeat(1225), "hush!"]) {
    assert.throws(() => s3CredentialsOf(asked(id), { accountId }), {
      message: "--sts-external-id must be 2 to 1224 letters, digits or characters of _+=,.@:/-.",
    });
  }
  assert.throws(() => s3CredentialsOf(written({ "sts-external-id": "ab" }), { accountId }), {
    message:
      "--sts-external-id is set, but no roles are assumed; set s3-credentials to assume-role.",
  });
});

test("what cannot work is refused before the start, with the way out", () => {
  const cases = [
    {
      settings: { "s3-credentials": "AssumeRole" },
      options: { accountId },
      message: '--s3-credentials is "AssumeRole"; it must be chain or assume-role.',
    },
    {
      settings: { "sts-endpoint": "http://x" },
      options: { accountId, stsEndpoint: "http://x" },
      message:
        "--sts-endpoint is set, but no roles are assumed; set s3-credentials to assume-role.",
    },
    {
      settings: { "s3-credentials": "assume-role" },
      options: { accountId: "000000000000" },
      message:
        "--s3-credentials is assume-role, but no role of AWS is of account 000000000000; set account-id to the account of the roles.",
    },
  ];
  for (const { settings, options, message } of cases) {
    assert.throws(() => s3CredentialsOf(written(settings), options), { message });
  }
});
