import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, newWorld, sync, type World } from "./plan-world.test.ts";

const pinned = (DocumentId: string): string => JSON.stringify({ DocumentId });

function worldOf(objects: Readonly<Record<string, string>>): World {
  const world = newWorld();
  for (const [key, content] of Object.entries(objects)) world.objects.set(key, content);
  return world;
}

/** `c` is indexed under its own id and wants "two", which `b` has. */
async function wantingWorld(): Promise<World> {
  const world = worldOf({ b: "b", "b.metadata.json": pinned("two"), c: "c" });
  await sync(world);
  world.objects.set("c.metadata.json", pinned("two"));
  assert.deepEqual(brief(await sync(world)), [
    "unmodified b",
    "fail c InvalidRequest clash",
    "end 2 0",
  ]);
  return world;
}

test("a document that wants the id of another keeps its own, and leaves it when it gets the other", async () => {
  const world = await wantingWorld();
  assert.deepEqual([...world.index.keys()].sort(), ["s3://kb-1/c", "two"]);
  assert.deepEqual(brief(await sync(world)), ["unmodified b", "skip c clashBefore", "end 2 0"]);
  world.objects.delete("b");
  assert.deepEqual(brief(await sync(world)), [
    "modify c retry+moved",
    "delete s3://kb-1/c",
    "end 1 1",
  ]);
  assert.deepEqual([...world.index], [["two", "c"]]);
});

test("a document that wants the id of another goes with its object", async () => {
  const world = await wantingWorld();
  world.objects.delete("c");
  await sync(world);
  assert.deepEqual([...world.index], [["two", "b"]]);
});

test("a document that lost its own id to one key still gets the id that it wants of another", async () => {
  const world = await wantingWorld();
  world.objects.set("a", "a").set("a.metadata.json", pinned("s3://kb-1/c"));
  assert.deepEqual(brief(await sync(world)), [
    "modify a moved",
    "unmodified b",
    "fail c InvalidRequest clash",
    "end 3 0",
  ]);
  assert.equal(world.known.get("c")?.documentId, undefined);
  world.objects.delete("b");
  await sync(world);
  assert.deepEqual([...world.index].sort(), [
    ["s3://kb-1/c", "a"],
    ["two", "c"],
  ]);
});

test("a document whose id an earlier key takes does not hold it any more, whatever else befalls it", async () => {
  const befalls: Readonly<Record<string, (world: World) => unknown>> = {
    nothing: () => undefined,
    "other content": (world) => world.objects.set("b", "b2"),
    "broken metadata": (world) => world.objects.set("b.metadata.json", "{"),
    "another title": (world) =>
      world.objects.set("b.metadata.json", JSON.stringify({ DocumentId: "one", Title: "B" })),
  };
  for (const [what, befall] of Object.entries(befalls)) {
    const world = worldOf({ b: "b", "b.metadata.json": pinned("one") });
    await sync(world);
    world.objects.set("a", "a").set("a.metadata.json", pinned("one"));
    befall(world);
    const [moved, lost] = await sync(world);
    assert.deepEqual(brief(moved === undefined ? [] : [moved]), ["modify a moved"], what);
    assert.ok(lost?.action === "fail" && lost.documentId === undefined, what);
    assert.match(brief(await sync(world))[1] ?? "", /^skip b/, `${what}: it fails once`);
    world.objects.delete("b");
    await sync(world);
    assert.deepEqual([...world.index], [["one", "a"]], what);
  }
});

test("however many objects vanish in front of one that stays, all of them are deleted", async () => {
  const world = worldOf({ z: "z" });
  for (let n = 0; n < 2_100; n += 1) world.objects.set(`a${n}`, "a");
  await sync(world);
  for (let n = 0; n < 2_100; n += 1) world.objects.delete(`a${n}`);
  assert.equal(brief(await sync(world)).at(-1), "end 1 2100");
  assert.deepEqual([...world.index], [["s3://kb-1/z", "z"]]);
});
