import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startChild } from "../support/child-server.ts";
import { folderBuckets } from "../support/folder-bucket.ts";
import { counts, makeSite, makeSource, sync } from "../support/site.ts";

type Line = Readonly<Record<string, unknown>>;

test("a sync warns in the log of what it does not fail for", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-warnings-"));
  await using made = await folderBuckets(1);
  const [files = assert.fail("no bucket")] = made.buckets;
  const lines: Line[] = [];
  const onLog = (text: string): void => void lines.push(JSON.parse(text) as Line);
  const buckets = { [files.name]: files.folder };
  const server = await startChild(dataDir, buckets, { logLevel: "warn", onLog });
  try {
    // A key of 1,024 characters at most, in names that a file system takes.
    const longKey = `${"folder/".repeat(110)}${"x".repeat(240)}.txt`;
    await files.put(longKey, "The heron fishes.");
    for (const name of ["a", "b"]) await files.put(`${name}.txt`, `The text ${name}.`);
    const rules = Array.from({ length: 101 }, (_, n) => ({
      keyPrefix: `s3://${files.name}/${n}/`,
      aclEntries: [{ Name: "staff", Type: "GROUP", Access: "ALLOW" }],
    }));
    await files.putJson("control/acl.json", rules);
    const source = await makeSource(await makeSite(server), files.name, {
      exclusionPatterns: ["/certificate/**", "*.tmp"],
      aclConfigurationFilePath: "control/acl.json",
      metadataFilesPrefix: "control/metadata/",
      enableDeletionProtection: true,
    });
    assert.equal(counts(await sync(source)), "3 3 0 0 0");
    await files.remove("a.txt", "b.txt");
    const held = await sync(source);
    assert.equal(counts(held), "1 0 0 0 0");
    await server.stop();
    const said = lines.filter(({ event }) => String(event).match(/^(?:sync|document)\./));
    const brief = said.map(({ event, reason }) => `${String(event)}: ${String(reason)}`);
    const pattern =
      'sync.pattern: Pattern "/certificate/**" starts with a slash and matches no key.';
    const aclFile = "sync.aclFile: The ACL file lists 101 prefixes; 100 are advised.";
    assert.deepEqual(brief, [
      aclFile,
      pattern,
      "document.noMetadata: Its key is so long that it can have no metadata file.",
      aclFile,
      pattern,
      "sync.deletionHeld: The deletion safeguard kept 2 documents that are not in the bucket any more.",
    ]);
    assert.equal(said[2]?.["document"], `s3://${files.name}/${longKey}`);
    assert.deepEqual([said[5]?.["scanned"], said[5]?.["kept"]], [1, 2]);
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
