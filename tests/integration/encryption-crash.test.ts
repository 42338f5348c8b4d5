import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DisableKeyCommand, EnableKeyCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { BatchPutDocumentCommand } from "@aws-sdk/client-qbusiness";
import { randomSource } from "../contract/random-values.ts";
import { type ChildServer, startChild } from "../support/child-server.ts";
import { iam, qbusinessHttp1, refusal } from "../support/clients.ts";
import {
  bytesBelow,
  eventually,
  kms,
  makeEncryptedSite,
  makeKey,
} from "../support/encryption-site.ts";
import { folderBuckets } from "../support/folder-bucket.ts";
import {
  counts,
  endOf,
  makeSource,
  search,
  settled,
  type Source,
  startSync,
  sync,
} from "../support/site.ts";

const fileCount = 80;
const killsMax = 3;
const canary = "quillwort";

/** Puts documents until the server dies; remembers what was acknowledged. */
async function putUntilDeath(
  { client, applicationId, indexId }: Source,
  acknowledged: Set<string>,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const documents = Array.from({ length: 4 }, (_, n) => ({
      id: `put-${acknowledged.size + n}`,
      content: { blob: Buffer.from(`The ${canary} number ${acknowledged.size + n} is put.`) },
    }));
    try {
      await client.send(new BatchPutDocumentCommand({ applicationId, indexId, documents }));
    } catch {
      return;
    }
    for (const { id } of documents) acknowledged.add(id);
    await sleep(10);
  }
}

test("kill -9, rotations and a locked key lose nothing of an encrypted application", async (t) => {
  const seed = Number(process.env["QUARRY_TEST_SEED"] ?? randomInt(2 ** 31));
  t.diagnostic(`QUARRY_TEST_SEED=${seed}`);
  const random = randomSource(seed);
  await using made = await folderBuckets(1);
  const [bucket] = made.buckets;
  assert.ok(bucket);
  for (let n = 0; n < fileCount; n += 1) {
    await bucket.put(`${n}.txt`, `The ${canary} of file ${n} grows in pond number ${n}.`);
  }
  const buckets = { [bucket.name]: bucket.folder };
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-sealed-crash-"));
  let server: ChildServer = await startChild(dataDir, buckets);
  try {
    const KeyId = await makeKey(server);
    const made = await makeSource(await makeEncryptedSite(server, KeyId), bucket.name);
    const now = (): Source => ({ ...made, client: qbusinessHttp1(server), iam: iam(server) });
    const executionId = await startSync(now());
    const acknowledged = new Set<string>();
    for (let kills = 0; kills < killsMax; kills += 1) {
      let isOver = false;
      const before = acknowledged.size;
      const putting = putUntilDeath(now(), acknowledged, () => isOver);
      await eventually("a put is acknowledged", async () => acknowledged.size > before);
      await sleep(random() * 600);
      await kms(server).send(new RotateKeyOnDemandCommand({ KeyId }));
      await sleep(random() * 300);
      // The last time it dies with its key locked and work half done.
      if (kills === killsMax - 1) await kms(server).send(new DisableKeyCommand({ KeyId }));
      await server.kill();
      isOver = true;
      await putting;
      for (const [path, bytes] of await bytesBelow(dataDir)) {
        assert.ok(!bytes.includes(canary), path);
      }
      server = await startChild(dataDir, buckets);
    }
    assert.equal((await refusal(search(now(), canary))).name, "AccessDeniedException");
    await kms(server).send(new EnableKeyCommand({ KeyId }));
    const job = await endOf(now(), executionId);
    assert.deepEqual([job.status, counts(job)], ["SUCCEEDED", `${fileCount} ${fileCount} 0 0 0`]);
    const documents = await settled(now());
    for (const id of acknowledged) {
      assert.match(documents.get(id)?.status ?? "gone", /^(INDEXED|UPDATED)$/, id);
    }
    assert.ok(acknowledged.size >= 4 * killsMax);
    assert.equal(counts(await sync(now())), `${fileCount} 0 0 0 0`, "one more changes nothing");
    assert.ok(
      (await search(now(), `${canary} file 40 pond number 40`)).includes(
        `s3://${bucket.name}/40.txt`,
      ),
    );
    assert.equal(await server.stop(), 0);
  } finally {
    await server.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
});
