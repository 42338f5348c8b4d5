import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, newWorld, settingsWith, sync, type World } from "./plan-world.test.ts";

const meta = (members: object): string => JSON.stringify(members);

function worldOf(objects: Readonly<Record<string, string>>): World {
  const world = newWorld();
  for (const [key, content] of Object.entries(objects)) world.objects.set(key, content);
  return world;
}

test("another bucket with the same objects makes documents of that bucket", async () => {
  const world = worldOf({
    "a.txt": "a",
    "b.txt": "b",
    "b.txt.metadata.json": meta({ DocumentId: "pinned" }),
  });
  await sync(world);
  const bucket = {
    connectionConfiguration: { repositoryEndpointMetadata: { BucketName: "kb-2" } },
  };
  world.settings = settingsWith({}, bucket);
  // What is copied from bucket to bucket keeps its ETag.
  assert.deepEqual(brief(await sync(world)), [
    "add a.txt",
    "modify b.txt settings",
    "delete s3://kb-1/a.txt",
    "end 2 1",
  ]);
  assert.deepEqual([...world.index.keys()].toSorted(), ["pinned", "s3://kb-2/a.txt"]);
  assert.deepEqual(brief(await sync(world)), ["unmodified a.txt", "unmodified b.txt", "end 2 0"]);
});

test("what was remembered without its bucket is not taken for something new", async () => {
  const world = worldOf({ "a.txt": "a" });
  await sync(world);
  for (const [key, known] of world.known) {
    const { bucket: _bucket, ...fingerprint } = known.fingerprint;
    world.known.set(key, { ...known, fingerprint });
  }
  assert.deepEqual(brief(await sync(world)), ["unmodified a.txt", "end 1 0"]);
});
