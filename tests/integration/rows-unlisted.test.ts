import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { folderBuckets } from "../support/folder-bucket.ts";
import { qbusinessHttp1 } from "../support/clients.ts";
import { ask, counts, makeSite, makeSource, noAnswer, sync } from "../support/site.ts";
import { testServer } from "../support/test-server.ts";

test("S8 what the ACL file does not list is public, until the operator closes it", async () => {
  await using made = await folderBuckets(1);
  const [files] = made.buckets;
  assert.ok(files);
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-unlisted-"));
  const buckets = { [files.name]: files.folder };
  const boot = (s3AclDefault?: "allow" | "deny") =>
    testServer({ dataDir, buckets, ...(s3AclDefault && { s3AclDefault }) });
  try {
    await files.put("open/fair.txt", "The harbour fair begins on the ninth of May.");
    await files.put("hr/pay.txt", "The harbour master earns 71234 crowns.");
    const hr = [{ Name: "hr", Type: "GROUP", Access: "ALLOW" }];
    await files.putJson("acl.json", [{ keyPrefix: `s3://${files.name}/hr/`, aclEntries: hr }]);
    const question = "When does the harbour fair begin?";
    let source: Awaited<ReturnType<typeof makeSource>>;
    {
      await using server = await boot();
      const settings = { aclConfigurationFilePath: "acl.json" };
      source = await makeSource(await makeSite(server), files.name, settings);
      assert.equal(counts(await sync(source)), "2 2 0 0 0");
      assert.match((await ask(source, question)).systemMessage ?? "", /ninth of May/);
    }
    {
      await using server = await boot("deny");
      const closed = { ...source, client: qbusinessHttp1(server) };
      // Lists count from the next sync on, this switch like any other change of them.
      assert.match((await ask(closed, question)).systemMessage ?? "", /ninth of May/);
      assert.equal(counts(await sync(closed)), "2 0 1 0 0");
      assert.equal((await ask(closed, question)).systemMessage, noAnswer);
      assert.equal(counts(await sync(closed)), "2 0 0 0 0");
    }
    {
      await using server = await boot("allow");
      const open = { ...source, client: qbusinessHttp1(server) };
      assert.equal((await ask(open, question)).systemMessage, noAnswer);
      assert.equal(counts(await sync(open)), "2 0 1 0 0");
      assert.match((await ask(open, question)).systemMessage ?? "", /ninth of May/);
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
