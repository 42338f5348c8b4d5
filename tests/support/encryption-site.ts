// Applications with a key of their own, made with the real clients.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateApplicationCommand,
  type CreateApplicationCommandInput,
  CreateIndexCommand,
  CreateRetrieverCommand,
} from "@aws-sdk/client-qbusiness";
import { type Endpoint, iam, type Keys, qbusinessHttp1 } from "./clients.ts";
import { region, type Site } from "./site.ts";

/** A KMS client; of the root user unless keys are given. */
export function kms(server: Endpoint, credentials: Keys = server.rootKey): KMSClient {
  return new KMSClient({ endpoint: server.url, region, credentials, maxAttempts: 1 });
}

/** Makes a key; gives its ARN. */
export async function makeKey(server: Endpoint, Policy?: string): Promise<string> {
  const { KeyMetadata } = await kms(server).send(new CreateKeyCommand({ Policy }));
  return KeyMetadata?.Arn ?? assert.fail("no key");
}

/** The state of a key. */
export async function stateOf(server: Endpoint, KeyId: string): Promise<string | undefined> {
  return (await kms(server).send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
}

/** An application, anonymous unless it is said otherwise, with an index and a retriever. */
export async function makeEncryptedSite(
  server: Endpoint,
  kmsKeyId: string | undefined,
  more: Partial<CreateApplicationCommandInput> = {},
): Promise<Site> {
  const client = qbusinessHttp1(server);
  const { applicationId = "", applicationArn = "" } = await client.send(
    new CreateApplicationCommand({
      displayName: "site",
      identityType: "ANONYMOUS",
      ...(kmsKeyId === undefined ? {} : { encryptionConfiguration: { kmsKeyId } }),
      ...more,
    }),
  );
  const { indexId = "", indexArn = "" } = await client.send(
    new CreateIndexCommand({ applicationId, displayName: "index" }),
  );
  const { retrieverId = "" } = await client.send(
    new CreateRetrieverCommand({
      applicationId,
      displayName: "retriever",
      type: "NATIVE_INDEX",
      configuration: { nativeIndexConfiguration: { indexId } },
    }),
  );
  const ids = { applicationId, applicationArn, indexId, indexArn, retrieverId };
  return { ...ids, client, iam: iam(server) };
}

/** Every file below a folder, with what it holds; compressed ones also as they were before. */
export async function bytesBelow(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    found.set(path, bytes);
    if (path.endsWith(".gz")) found.set(`${path} unpacked`, unpacked(bytes));
  }
  return found;
}

/** A file of a killed process may be cut off. */
function unpacked(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes);
  } catch {
    return Buffer.alloc(0);
  }
}

/** Waits until something holds; fails after some time. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const until = Date.now() + 30_000; Date.now() < until; await sleep(50)) {
    if (await holds()) return;
  }
  assert.fail(`It did not come true within 30 seconds: ${what}.`);
}
