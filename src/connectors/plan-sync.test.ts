import assert from "node:assert/strict";
import { test } from "node:test";
import { isUntouched } from "./plan-sync.ts";
import { brief, newWorld, settingsWith, sync, type World } from "./plan-world.test.ts";

const meta = (members: object): string => JSON.stringify(members);
const hrRule = (name: string): object => ({
  keyPrefix: "s3://kb-1/hr/",
  aclEntries: [{ Name: name, Type: "GROUP", Access: "ALLOW" }],
});

function worldOf(
  objects: Readonly<Record<string, string>>,
  more: object = {},
  top: object = {},
): World {
  const world = newWorld(more, top);
  for (const [key, content] of Object.entries(objects)) world.objects.set(key, content);
  return world;
}

test("the first sync adds everything, the second finds it unmodified and reads nothing", async () => {
  const world = worldOf({
    "a.txt": "a",
    "a.txt.metadata.json": meta({ Title: "A" }),
    "b.txt": "b",
  });
  assert.deepEqual(brief(await sync(world)), ["add a.txt", "add b.txt", "end 2 0"]);
  assert.deepEqual(brief(await sync(world)), ["unmodified a.txt", "unmodified b.txt", "end 2 0"]);
  assert.deepEqual(world.reads, []);
});

test("S17: each kind of change is told apart, and only what changed is modified", async () => {
  const world = worldOf({ "hr/a.txt": "a", "hr/b.txt": "b", "c.txt": "c" });
  world.acl = [hrRule("staff")];
  await sync(world);
  world.objects.set("hr/a.txt", "a2");
  assert.deepEqual(brief(await sync(world)).slice(0, 3), [
    "unmodified c.txt",
    "modify hr/a.txt content",
    "unmodified hr/b.txt",
  ]);
  world.objects.set("hr/b.txt.metadata.json", meta({ Title: "B" }));
  assert.equal(brief(await sync(world))[2], "modify hr/b.txt metadata");
  world.objects.delete("hr/b.txt.metadata.json");
  assert.equal(brief(await sync(world))[2], "modify hr/b.txt metadata");
  world.acl = [hrRule("managers")];
  assert.deepEqual(brief(await sync(world)), [
    "unmodified c.txt",
    "modify hr/a.txt access",
    "modify hr/b.txt access",
    "end 3 0",
  ]);
  world.unlisted = "deny";
  assert.deepEqual(brief(await sync(world)).slice(0, 2), [
    "modify c.txt access",
    "unmodified hr/a.txt",
  ]);
  world.settings = settingsWith(
    {},
    {
      repositoryConfigurations: {
        document: {
          fieldMappings: [
            {
              indexFieldName: "k",
              indexFieldType: "STRING",
              dataSourceFieldName: "s3_document_id",
            },
          ],
        },
      },
    },
  );
  assert.deepEqual(
    brief(await sync(world))
      .slice(0, 3)
      .map((line) => line.split(" ")[2]),
    ["settings", "settings", "settings"],
  );
  assert.ok(brief(await sync(world)).every((line) => /^(unmodified|end)/.test(line)));
});

test("S17: a touched object is only fetched, a touched metadata file only read", async () => {
  const world = worldOf({ "a.txt": "a", "a.txt.metadata.json": meta({ Title: "A" }) });
  await sync(world);
  world.touched.set("a.txt.metadata.json", 1);
  assert.deepEqual(brief(await sync(world)), ["unmodified a.txt", "end 1 0"]);
  assert.deepEqual(world.reads, ["a.txt.metadata.json"]);
  await sync(world);
  assert.deepEqual(world.reads, [], "its new etag was remembered");
  world.touched.set("a.txt", 1);
  const contentHash = world.known.get("a.txt")?.fingerprint.contentHash ?? "";
  const [item] = await sync(world);
  assert.ok(item?.action === "modify" && item.changes.join() === "content");
  assert.ok(isUntouched(item, contentHash));
  assert.ok(!isUntouched(item, "another"));
  assert.ok(!isUntouched({ ...item, changes: ["content", "access"] }, contentHash));
});

test("an ACL change does not touch a document whose own metadata says who may read it", async () => {
  const list = [{ Name: "eva@x.com", Type: "USER", Access: "ALLOW" }];
  const world = worldOf({
    "hr/a.txt": "a",
    "hr/a.txt.metadata.json": meta({ AccessControlList: list }),
  });
  world.acl = [hrRule("staff")];
  await sync(world);
  world.acl = [hrRule("managers")];
  assert.deepEqual(brief(await sync(world)), ["unmodified hr/a.txt", "end 1 0"]);
});

test("S17: a document that failed is left alone until it changes; a forced crawl tries again", async () => {
  const world = worldOf({ "a.txt": "broken", "b.txt": "b" });
  world.broken.add("broken");
  assert.deepEqual(brief(await sync(world)), ["add a.txt", "add b.txt", "end 2 0"]);
  assert.deepEqual(brief(await sync(world)), [
    "skip a.txt failedBefore",
    "unmodified b.txt",
    "end 2 0",
  ]);
  world.settings = { ...world.settings, syncMode: "FORCED_FULL_CRAWL" };
  assert.deepEqual(brief(await sync(world)), ["add a.txt", "modify b.txt forced", "end 2 0"]);
  world.settings = { ...world.settings, syncMode: "FULL_CRAWL" };
  world.objects.set("a.txt", "whole");
  assert.equal(brief(await sync(world))[0], "add a.txt");
});

test("what a crash left unfinished is tried again", async () => {
  const world = worldOf({ "a.txt": "a" });
  await sync(world);
  const known = world.known.get("a.txt");
  assert.ok(known !== undefined);
  world.known.set("a.txt", { ...known, outcome: "unfinished" });
  assert.deepEqual(brief(await sync(world)), ["modify a.txt retry", "end 1 0"]);
  assert.equal(brief(await sync(world))[0], "unmodified a.txt");
});

test("S7: a bad metadata file fails its document alone; the indexed version stays", async () => {
  const world = worldOf({ "a.txt": "a", "b.txt": "b" });
  await sync(world);
  world.objects
    .set("a.txt.metadata.json", "\uFEFF{}")
    .set("c.txt", "c")
    .set("c.txt.metadata.json", "{");
  assert.deepEqual(brief(await sync(world)), [
    "fail a.txt S3-5104 failed",
    "unmodified b.txt",
    "fail c.txt S3-5104 failed",
    "end 3 0",
  ]);
  assert.deepEqual([...world.index.keys()], ["s3://kb-1/a.txt", "s3://kb-1/b.txt"]);
  assert.deepEqual(brief(await sync(world)).slice(0, 3), [
    "skip a.txt failedBefore",
    "unmodified b.txt",
    "skip c.txt failedBefore",
  ]);
  world.objects.delete("a.txt.metadata.json");
  assert.match(brief(await sync(world))[0] ?? "", /^modify a\.txt metadata/);
});

test("S7: metadata that cannot be read now fails its document for now, and never opens it", async () => {
  for (const kind of ["denied", "noSuchKey", "unreachable", "keyDenied"] as const) {
    const world = worldOf({ "a.txt": "a", "a.txt.metadata.json": meta({ Title: "A" }) });
    world.readFailure = kind;
    assert.deepEqual(brief(await sync(world)), ["fail a.txt S3-5200 unfinished", "end 1 0"]);
    world.readFailure = undefined;
    assert.deepEqual(brief(await sync(world)), ["add a.txt", "end 1 0"]);
  }
});

test("S16: control files are never documents, wherever they lie and whatever the filters say", async () => {
  const world = worldOf(
    {
      "a.txt": "a",
      "a.txt.metadata.json": meta({ Title: "beside: ignored" }),
      "control/acl.json": "[]",
      "meta/a.txt.metadata.json": meta({ Title: "A" }),
      "meta/gone.txt.metadata.json": "{",
      "orphan.metadata.json": "{",
    },
    {
      metadataFilesPrefix: "meta",
      aclConfigurationFilePath: "/control/acl.json",
      exclusionPrefixes: ["meta/"],
    },
  );
  const items = await sync(world);
  assert.deepEqual(brief(items), ["add a.txt", "skip control/acl.json aclFile", "end 1 0"]);
  assert.equal(items[0]?.action === "add" && items[0].document.title, "A");
});

test("S18: exclusion always wins, and every object left out has a reason", async () => {
  const world = worldOf(
    {
      "docs/a.pdf": "a",
      "docs/drafts/b.pdf": "b",
      "docs/c.tmp": "c",
      "docs/empty.pdf": "",
      "docs/folder/": "",
      "docs/large.pdf": "x".repeat(2_000_000),
      "docs/d.txt": "d",
      "other/e.pdf": "e",
    },
    {
      inclusionPrefixes: ["docs/", "docs/drafts/"],
      exclusionPrefixes: ["docs/drafts/"],
      inclusionPatterns: ["*.pdf", "*.tmp"],
      exclusionPatterns: ["*.tmp"],
      maxFileSizeInMegaBytes: "1",
    },
  );
  assert.deepEqual(brief(await sync(world)), [
    "add docs/a.pdf",
    "skip docs/c.tmp excluded",
    "skip docs/d.txt notIncluded",
    "skip docs/drafts/b.pdf excluded",
    "skip docs/empty.pdf empty",
    "skip docs/folder/ folderMarker",
    "skip docs/large.pdf tooLarge",
    "end 1 0",
  ]);
});

test("what is written for functions is no document, and no longer one if it ever was", async () => {
  const world = worldOf({ "quarry-enrichment/1": "a", "quarry-enrichment.txt": "b" });
  world.known.set("quarry-enrichment/1", {
    key: "quarry-enrichment/1",
    documentId: "s3://kb-1/quarry-enrichment/1",
    outcome: "unfinished",
    fingerprint: {} as never,
  });
  world.index.set("s3://kb-1/quarry-enrichment/1", "quarry-enrichment/1");
  assert.deepEqual(brief(await sync(world)), [
    "add quarry-enrichment.txt",
    "skip quarry-enrichment/1 exchange",
    "delete s3://kb-1/quarry-enrichment/1",
    "end 1 1",
  ]);
});

test("what vanishes, is emptied, grows too large or leaves the scope is deleted at the end", async () => {
  const world = worldOf(
    { a: "a", b: "b", c: "c", "d/x": "d", e: "e" },
    { maxFileSizeInMegaBytes: "1" },
  );
  await sync(world);
  world.objects.delete("a");
  world.objects.set("b", "").set("c", "x".repeat(2_000_000));
  world.settings = settingsWith({ maxFileSizeInMegaBytes: "1", exclusionPrefixes: ["d/"] });
  assert.deepEqual(brief(await sync(world)), [
    "skip b empty",
    "skip c tooLarge",
    "skip d/x excluded",
    "unmodified e",
    "delete s3://kb-1/a",
    "delete s3://kb-1/b",
    "delete s3://kb-1/c",
    "delete s3://kb-1/d/x",
    "end 1 4",
  ]);
  assert.deepEqual([...world.index.keys()], ["s3://kb-1/e"]);
});

test("S15: the safeguard holds every deletion back, and they come again the next time", async () => {
  const protect = { enableDeletionProtection: true, deletionProtectionThreshold: "50" };
  const world = worldOf({ a: "a", b: "b", c: "c" }, protect);
  await sync(world);
  world.objects.delete("a");
  world.objects.delete("b");
  world.objects.set("d", "d");
  assert.deepEqual(brief(await sync(world)), [
    "unmodified c",
    "add d",
    "delete s3://kb-1/a",
    "delete s3://kb-1/b",
    "end 2 2",
  ]);
  const held = worldOf({ a: "a", b: "b", c: "c" }, protect);
  await sync(held);
  held.objects.delete("a");
  held.objects.delete("b");
  assert.deepEqual(brief(await sync(held)), ["unmodified c", "end 1 2 held"]);
  assert.equal(held.index.size, 3);
  assert.deepEqual(brief(await sync(held)), ["unmodified c", "end 1 2 held"]);
  held.objects.set("a", "a");
  assert.deepEqual(brief(await sync(held)), [
    "modify a moved",
    "unmodified c",
    "delete s3://kb-1/b",
    "end 2 1",
  ]);
});

test("a listing that fails, at its beginning or in the middle, deletes nothing", async () => {
  for (const after of [0, 3]) {
    const world = worldOf({ a: "a", b: "b", c: "c", d: "d", e: "e" });
    await sync(world);
    world.listFailsAfter = after;
    const items = brief(await sync(world));
    assert.equal(items.at(-1), "listingFailed unreachable");
    assert.ok(items.every((line) => !line.startsWith("delete") && !line.startsWith("end")));
    world.listFailsAfter = undefined;
    assert.equal(brief(await sync(world)).at(-1), "end 5 0");
  }
});

test("of two objects with one id the first key has it; the other gets it when the first is gone", async () => {
  const id = meta({ DocumentId: "one" });
  const world = worldOf({
    "b.txt": "b",
    "b.txt.metadata.json": id,
    "c.txt": "c",
    "c.txt.metadata.json": id,
  });
  assert.deepEqual(brief(await sync(world)), [
    "add b.txt",
    "fail c.txt InvalidRequest clash",
    "end 2 0",
  ]);
  assert.deepEqual(brief(await sync(world)), [
    "unmodified b.txt",
    "skip c.txt clashBefore",
    "end 2 0",
  ]);
  world.objects.set("a.txt", "a").set("a.txt.metadata.json", id);
  assert.deepEqual(brief(await sync(world)), [
    "modify a.txt moved",
    "fail b.txt InvalidRequest clash",
    "skip c.txt clashBefore",
    "end 3 0",
  ]);
  assert.equal(world.index.get("one"), "a.txt");
  world.objects.delete("a.txt");
  assert.deepEqual(brief(await sync(world)), [
    "modify b.txt retry+moved",
    "skip c.txt clashBefore",
    "end 2 0",
  ]);
  assert.deepEqual([...world.index], [["one", "b.txt"]]);
});

test("an id that looks like another object's default id is settled by the same rule", async () => {
  const world = worldOf({
    "a.txt": "a",
    "b.txt": "b",
    "b.txt.metadata.json": meta({ DocumentId: "s3://kb-1/a.txt" }),
    "c.txt": "c",
  });
  assert.deepEqual(brief(await sync(world)), [
    "add a.txt",
    "fail b.txt InvalidRequest clash",
    "add c.txt",
    "end 3 0",
  ]);
  world.objects.set("b.txt.metadata.json", meta({ DocumentId: "s3://kb-1/c.txt" }));
  assert.deepEqual(brief(await sync(world)), [
    "unmodified a.txt",
    "modify b.txt metadata+moved",
    "fail c.txt InvalidRequest clash",
    "end 3 0",
  ]);
});

test("a new id is an addition and a deletion; a moved object that keeps its id is a modification", async () => {
  const world = worldOf({ "a.txt": "a" });
  await sync(world);
  world.objects.set("a.txt.metadata.json", meta({ DocumentId: "pinned" }));
  assert.deepEqual(brief(await sync(world)), ["add a.txt", "delete s3://kb-1/a.txt", "end 1 1"]);
  for (const [from, to] of [
    ["a.txt", "z.txt"],
    ["z.txt", "b.txt"],
  ] as const) {
    for (const end of ["", ".metadata.json"]) {
      world.objects.set(to + end, world.objects.get(from + end) ?? "");
      world.objects.delete(from + end);
    }
    assert.deepEqual(brief(await sync(world)), [`modify ${to} moved`, "end 1 0"]);
  }
  assert.deepEqual([...world.index], [["pinned", "b.txt"]]);
});

test("a document without its attribute's field fails with the API's code", async () => {
  const world = worldOf({
    "a.txt": "a",
    "a.txt.metadata.json": meta({ Attributes: { nowhere: "x" } }),
  });
  assert.deepEqual(brief(await sync(world)), ["fail a.txt InvalidRequest failed", "end 1 0"]);
});

test("a key that makes no valid id fails alone", async () => {
  const world = worldOf({ "a\u0001b": "a", ok: "b" });
  assert.deepEqual(brief(await sync(world)), [
    "fail a\u0001b InvalidRequest failed",
    "add ok",
    "end 2 0",
  ]);
});
