import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sync as syncCommand } from "../../src/cli/sync/sync.ts";
import { parseArguments } from "../../src/cli/arguments.ts";
import { testConsole } from "../../src/cli/testing/console.ts";
import { type ChildServer, startChild } from "../support/child-server.ts";
import { qbusinessHttp1 } from "../support/clients.ts";
import { folderBuckets } from "../support/folder-bucket.ts";
import { counts, endOf, makeSite, makeSource, startSync, sync } from "../support/site.ts";

const fileCount = 200;
const brokenCount = 5;

/** What a report says, as counts of `action status`. */
async function tally(
  server: ChildServer,
  applicationId: string,
  job: string,
): Promise<{ readonly counts: Readonly<Record<string, number>>; readonly ids: number }> {
  const { accessKeyId, secretAccessKey } = server.rootKey;
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const console = testConsole([], { env, now: () => new Date() });
  const argv = ["--endpoint", server.url, "--application", applicationId];
  const flags = [...argv, "--report", "--json", "--job", job];
  const parsed = parseArguments(flags, { ...syncCommand, command: "sync" });
  assert.equal(await syncCommand.run(parsed, console), 0);
  const found: Record<string, number> = {};
  const ids = new Set<string>();
  for (const line of console.out().trimEnd().split("\n")) {
    const { DocumentId, CrawlAction, ConnectorDocumentStatus } = JSON.parse(line) as {
      readonly DocumentId: string;
      readonly CrawlAction: string;
      readonly ConnectorDocumentStatus: { readonly Status: string };
    };
    ids.add(DocumentId);
    const kind = `${CrawlAction} ${ConnectorDocumentStatus.Status}`;
    found[kind] = (found[kind] ?? 0) + 1;
  }
  return { counts: found, ids: ids.size };
}

test("the report of a sync that was killed says what its counters say", async () => {
  await using made = await folderBuckets(1);
  const [bucket] = made.buckets;
  assert.ok(bucket);
  const buckets = { [bucket.name]: bucket.folder };
  for (let n = 0; n < fileCount; n += 1) {
    await bucket.put(`files/${n}.txt`, `The file heron ${n} lives in pond number ${n}.`);
    if (n < brokenCount) await bucket.put(`files/${n}.txt.metadata.json`, "{");
  }
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-report-crash-"));
  let server: ChildServer | undefined = await startChild(dataDir, buckets);
  try {
    const source = await makeSource(await makeSite(server), bucket.name);
    const { applicationId } = source;
    const executionId = await startSync(source);
    for (const waitMs of [400]) {
      await sleep(waitMs);
      await server.kill();
      server = await startChild(dataDir, buckets);
    }
    const now = { ...source, client: qbusinessHttp1(server) };
    const job = await endOf(now, executionId);
    const added = fileCount - brokenCount;
    assert.equal(counts(job), `${fileCount} ${added} 0 0 ${brokenCount}`);
    const first = await tally(server, applicationId, executionId);
    assert.deepEqual(first.counts, { "ADD SUCCESS": added, "ADD FAILED": brokenCount });
    assert.equal(first.ids, fileCount, "each document once");

    const { executionId: second = "" } = await sync(now);
    assert.deepEqual((await tally(server, applicationId, second)).counts, {
      "UNMODIFIED SUCCESS": added,
      "UNMODIFIED FAILED": brokenCount,
    });
  } finally {
    await server?.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
});
