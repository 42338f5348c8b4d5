import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePolicy } from "./parse-policy.ts";
import type { Policy, PolicyKind } from "./policy.ts";
import { document } from "./testing/policies.ts";
import { type RoleDocuments, validateRole } from "./validate-together.ts";

const account = "111122223333";

function policy(statement: object, kind: PolicyKind = "identity"): Policy {
  const parsing = parsePolicy(JSON.stringify(document({ Effect: "Allow", ...statement })), {
    kind,
  });
  assert.ok(parsing.ok);
  return parsing.policy;
}

function codes(role: Partial<RoleDocuments>): readonly string[] {
  const whole = {
    permissions: [],
    account,
    region: "us-east-1",
    readsEncryptedObjects: false,
    ...role,
  };
  return validateRole(whole).map(({ code }) => code);
}

test("accounts that differ from the data source's are found in every document", () => {
  const other = "444455556666";
  const ingest = (owner: string): Policy =>
    policy({
      Action: "qbusiness:BatchPutDocument",
      Resource: `arn:aws:qbusiness:us-east-1:${owner}:application/a`,
    });
  assert.deepEqual(codes({ permissions: [ingest(account)] }), []);
  assert.deepEqual(codes({ permissions: [ingest(account), ingest(other)] }), ["ACCOUNT_MISMATCH"]);
  const bucket = (owner: string): Policy => {
    const Condition = { StringEquals: { "aws:ResourceAccount": owner } };
    return policy({ Action: "s3:GetObject", Resource: "arn:aws:s3:::docs/*", Condition });
  };
  assert.deepEqual(codes({ permissions: [bucket(account)] }), []);
  assert.deepEqual(codes({ permissions: [bucket(other)] }), ["ACCOUNT_MISMATCH"]);
  const trust = (owner: string): Policy => {
    const SourceArn = `arn:aws:qbusiness:us-east-1:${owner}:application/a`;
    const Condition = {
      StringEquals: { "aws:SourceAccount": owner },
      ArnLike: { "aws:SourceArn": SourceArn },
    };
    const Principal = { Service: "qbusiness.amazonaws.com" };
    return policy({ Principal, Action: "sts:AssumeRole", Condition }, "trust");
  };
  assert.deepEqual(codes({ trust: trust(account) }), []);
  assert.deepEqual(codes({ trust: trust(other) }), ["ACCOUNT_MISMATCH", "ACCOUNT_MISMATCH"]);
});

test("a finding says in which document and where", () => {
  const wrong = policy({
    Action: "s3:GetObject",
    Resource: "arn:aws:sns:us-east-1:444455556666:t",
  });
  const role = { permissions: [wrong], account, region: "us-east-1", readsEncryptedObjects: false };
  const [found] = validateRole(role);
  assert.equal(found?.policy, wrong);
  const start = found?.range.start.offset ?? 0;
  assert.equal(wrong.text.slice(start, start + 13), '"arn:aws:sns:');
  assert.match(found?.detail ?? "", /444455556666 is not 111122223333/);
});

test("encrypted objects need a decrypting statement that admits S3", () => {
  const decrypt = (services: readonly string[] | undefined): Policy => {
    const Condition = { StringLike: { "kms:ViaService": services ?? [] } };
    const limited = services === undefined ? {} : { Condition };
    return policy({
      Action: "kms:Decrypt",
      Resource: `arn:aws:kms:us-east-1:${account}:key/k`,
      ...limited,
    });
  };
  const readsEncryptedObjects = true;
  const found = (...permissions: readonly Policy[]): readonly string[] =>
    codes({ permissions, readsEncryptedObjects });
  assert.deepEqual(found(decrypt(["secretsmanager.*"])), ["VIA_SERVICE_MISMATCH"]);
  assert.deepEqual(found(decrypt(["s3.*.amazonaws.com", "secretsmanager.*"])), []);
  assert.deepEqual(
    found(decrypt(["secretsmanager.*"]), decrypt(["s3.us-east-1.amazonaws.com"])),
    [],
  );
  assert.deepEqual(found(decrypt(undefined)), []);
  assert.deepEqual(found(decrypt(["s3.eu-west-1.amazonaws.com"])), ["VIA_SERVICE_MISMATCH"]);
  assert.deepEqual(codes({ permissions: [decrypt(["secretsmanager.*"])] }), []);
});
