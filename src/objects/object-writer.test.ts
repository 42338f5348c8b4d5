import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createObjectStore, exchangePrefix } from "./objects.ts";

const key = `${exchangePrefix}one`;
const role = { arn: "arn:aws:iam::111122223333:role/r", sessionName: "s" };
const bytes = Buffer.from("text");

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-write-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("what is written to a folder can be read, replaced and removed", () =>
  withFolder(async (folder) => {
    await using objects = createObjectStore({ buckets: { docs: folder } });
    const writer = objects.writeAs(role);
    const at = { bucket: "docs", key };
    assert.deepEqual(await writer.put({ ...at, bytes: Buffer.from("longer before") }), {
      kind: "stored",
    });
    assert.deepEqual(await writer.put({ ...at, bytes }), { kind: "stored" });
    const got = await objects.get({ ...at, maxBytes: 100 });
    assert.ok(got.kind === "object" && Buffer.from(got.bytes).equals(bytes));
    assert.deepEqual(await writer.remove(at), { kind: "removed" });
    assert.deepEqual(await writer.remove(at), { kind: "removed" });
    assert.deepEqual(await readdir(join(folder, exchangePrefix)), []);
    const nowhere = await writer.put({ ...at, bucket: "none", bytes });
    assert.ok(nowhere.kind === "failed" && nowhere.failure.kind === "noSuchBucket");
  }));

test("nothing is written outside the prefix, nor through a link that stands in its place", () =>
  withFolder(async (folder) => {
    await mkdir(join(folder, "bucket"));
    await mkdir(join(folder, "secret"));
    await using objects = createObjectStore({ buckets: { docs: join(folder, "bucket") } });
    const writer = objects.writeAs(role);
    for (const wrong of ["a", `${exchangePrefix}../a`, `${exchangePrefix}a/b`, exchangePrefix]) {
      await assert.rejects(writer.put({ bucket: "docs", key: wrong, bytes }), /no key to write to/);
      await assert.rejects(writer.remove({ bucket: "docs", key: wrong }), /no key to write to/);
    }
    await symlink(join(folder, "secret"), join(folder, "bucket", "quarry-enrichment"));
    const linked = await writer.put({ bucket: "docs", key, bytes });
    assert.ok(linked.kind === "failed" && linked.failure.kind === "denied");
    await rm(join(folder, "bucket", "quarry-enrichment"));
    await mkdir(join(folder, "bucket", "quarry-enrichment"));
    await symlink(join(folder, "secret", "one"), join(folder, "bucket", key));
    const file = await writer.put({ bucket: "docs", key, bytes });
    assert.ok(file.kind === "failed" && file.failure.kind === "denied");
    assert.deepEqual(await readdir(join(folder, "secret")), []);
  }));

type S3rver = { run: () => Promise<{ port: number }>; close: () => Promise<void> };

test("what is written to an S3 server lies there until it is removed", () =>
  withFolder(async (directory) => {
    const Server = createRequire(import.meta.url)("s3rver") as new (options: object) => S3rver;
    const configureBuckets = [{ name: "b" }];
    const options = { port: 0, address: "127.0.0.1", silent: true, directory, configureBuckets };
    const server = new Server(options);
    const { port } = await server.run();
    try {
      const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
      const s3 = { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials };
      await using objects = createObjectStore({ buckets: {}, s3 });
      const writer = objects.writeAs(role);
      assert.deepEqual(await writer.put({ bucket: "b", key, bytes }), { kind: "stored" });
      const got = await objects.get({ bucket: "b", key, maxBytes: 100 });
      assert.ok(got.kind === "object" && Buffer.from(got.bytes).equals(bytes));
      assert.deepEqual(await writer.remove({ bucket: "b", key }), { kind: "removed" });
      const gone = await objects.head({ bucket: "b", key });
      assert.equal(gone.kind, "failed");
      const none = await writer.put({ bucket: "none", key, bytes });
      assert.ok(none.kind === "failed" && none.failure.kind === "noSuchBucket");
    } finally {
      await server.close();
    }
  }));
