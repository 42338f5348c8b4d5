import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import type { Endpoint } from "../support/clients.ts";
import { testServer } from "../support/test-server.ts";
import { accountId } from "./kms-clients.ts";

type Run = { readonly code: number; readonly out: string; readonly err: string };

/** The AWS CLI in a folder of its own, with a server for an endpoint. */
async function aws(server: Endpoint, cwd: string, command: string): Promise<Run> {
  const args = ["--endpoint-url", server.url, "--output", "json", "kms", ...command.split(" ")];
  const child = spawn("aws", args, {
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: cwd,
      AWS_ACCESS_KEY_ID: server.rootKey.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.rootKey.secretAccessKey,
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_PAGER: "",
    },
  });
  const exit = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, out, err };
}

test("the AWS CLI makes a key, encrypts and decrypts with it, and is told why it may not", async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), "quarry-kms-cli-"));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  await using server = await testServer();
  const first = await aws(server, cwd, "list-keys").catch(() => undefined);
  if (first === undefined) return t.skip("the AWS CLI is not on PATH");
  assert.equal(first.code, 0, first.err);
  assert.deepEqual(JSON.parse(first.out), { Keys: [] });
  const made = await aws(server, cwd, "create-key --description cli --tags TagKey=a,TagValue=b");
  assert.equal(made.code, 0, made.err);
  const { KeyMetadata } = JSON.parse(made.out) as {
    readonly KeyMetadata: { readonly KeyId: string; readonly Arn: string };
  };
  const { KeyId: id, Arn: arn } = KeyMetadata;
  assert.equal(arn, `arn:aws:kms:us-east-1:${accountId}:key/${id}`);
  const alias = await aws(server, cwd, `create-alias --alias-name alias/cli --target-key-id ${id}`);
  assert.deepEqual([alias.code, alias.out], [0, ""], alias.err);
  await writeFile(join(cwd, "plain"), "the merger closes in May");
  const context = "--encryption-context tenant=a";
  const sealed = await aws(
    server,
    cwd,
    `encrypt --key-id alias/cli --plaintext fileb://plain ${context}`,
  );
  assert.equal(sealed.code, 0, sealed.err);
  const { CiphertextBlob } = JSON.parse(sealed.out) as { readonly CiphertextBlob: string };
  await writeFile(join(cwd, "sealed"), Buffer.from(CiphertextBlob, "base64"));
  const opened = await aws(server, cwd, `decrypt --ciphertext-blob fileb://sealed ${context}`);
  assert.equal(opened.code, 0, opened.err);
  const { Plaintext, KeyId } = JSON.parse(opened.out) as Record<string, string>;
  assert.equal(Buffer.from(Plaintext ?? "", "base64").toString(), "the merger closes in May");
  assert.equal(KeyId, arn);
  const wrong = await aws(server, cwd, "decrypt --ciphertext-blob fileb://sealed");
  assert.match(wrong.err, /\(InvalidCiphertextException\) when calling the Decrypt operation/);
  const missing = await aws(server, cwd, "describe-key --key-id alias/none");
  assert.match(missing.err, /\(NotFoundException\).*alias\/none is not found/);
});
