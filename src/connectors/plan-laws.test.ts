import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { compareKeys } from "../objects/objects.ts";
import { pairWithMetadata, type Entry, type Paired } from "./pairing.ts";
import { isScanned, type PlanItem } from "./plan-items.ts";
import { brief, newWorld, settingsWith, sync, type World } from "./plan-world.test.ts";

type Snapshot = {
  readonly objects: readonly (readonly [string, string])[];
  readonly prefixes: readonly string[];
  readonly group: string;
};

const names = fc.constantFrom("a", "a!", "a.b", "d/a", "d/b", "z", "\u{1F600}", "\uFF21");
const metadata = fc.constantFrom(
  '{"DocumentId":"one"}',
  '{"DocumentId":"two"}',
  '{"DocumentId":"s3://kb-1/a"}',
  '{"Title":"T"}',
  "{",
  "\uFEFF{}",
  '{"AccessControlList":[{"Name":"x","Type":"USER","Access":"ALLOW"}]}',
);
const objectPairs = fc.oneof(
  { arbitrary: fc.tuple(names, fc.constantFrom("1", "22", "")), weight: 3 },
  {
    arbitrary: fc.tuple(
      names.map((name) => `${name}.metadata.json`),
      metadata,
    ),
    weight: 2,
  },
  {
    arbitrary: fc.tuple(
      names.map((name) => `m/${name}.metadata.json`),
      metadata,
    ),
    weight: 1,
  },
);
const snapshots: fc.Arbitrary<Snapshot> = fc.record({
  objects: fc.array(objectPairs, { maxLength: 14 }),
  prefixes: fc.constantFrom([], ["d/"], ["a"], ["m/"]),
  group: fc.constantFrom("g", "h"),
});

/** What the index must hold after a sync, said plainly: id -> key. */
function expectedIndex(world: World, before: ReadonlyMap<string, string>): Map<string, string> {
  const { metadataFilesPrefix, exclusionPrefixes } = world.settings;
  const root = metadataFilesPrefix === undefined ? "" : `${metadataFilesPrefix}/`;
  const index = new Map<string, string>();
  for (const key of [...world.objects.keys()].sort(compareKeys)) {
    const isControl = key.endsWith(".metadata.json");
    const isExcluded = exclusionPrefixes.some((prefix) => key.startsWith(prefix));
    if (isControl || isExcluded || world.objects.get(key) === "") continue;
    const text = world.objects.get(`${root}${key}.metadata.json`) ?? "{}";
    const id =
      text.startsWith("{") && text !== "{"
        ? ((JSON.parse(text) as { DocumentId?: string }).DocumentId ?? `s3://kb-1/${key}`)
        : undefined;
    // Bad metadata, or an id that an earlier key has: what was indexed for the key stays.
    const kept = [...before].find(([, holder]) => holder === key)?.[0];
    const wanted = id !== undefined && !index.has(id) ? id : kept;
    if (wanted !== undefined && !index.has(wanted)) index.set(wanted, key);
  }
  return index;
}

function change(world: World, snapshot: Snapshot): void {
  world.objects.clear();
  for (const [key, content] of snapshot.objects) world.objects.set(key, content);
  const { metadataFilesPrefix } = world.settings;
  const more = {
    exclusionPrefixes: snapshot.prefixes,
    ...(metadataFilesPrefix === undefined ? {} : { metadataFilesPrefix }),
  };
  world.settings = settingsWith(more);
  world.acl = [
    {
      keyPrefix: "s3://kb-1/d/",
      aclEntries: [{ Name: snapshot.group, Type: "GROUP", Access: "ALLOW" }],
    },
  ];
}

const count = (items: readonly PlanItem[], action: PlanItem["action"]): number =>
  items.filter((item) => item.action === action).length;

test("after any history one sync brings the index to what the bucket says, and its counts add up", async () => {
  const law = async (history: Snapshot[], hasTree: boolean): Promise<void> => {
    const world = newWorld(hasTree ? { metadataFilesPrefix: "m" } : {});
    for (const snapshot of history) {
      const before = new Map(world.index);
      change(world, snapshot);
      const expected = expectedIndex(world, before);
      const items = await sync(world);
      assert.deepEqual(
        new Map([...world.index].sort()),
        new Map([...expected].sort()),
        brief(items).join(", "),
      );
      const added = [...expected.keys()].filter((id) => !before.has(id)).length;
      const removed = [...before.keys()].filter((id) => !expected.has(id)).length;
      assert.deepEqual(
        [count(items, "add"), count(items, "delete")],
        [added, removed],
        brief(items).join(", "),
      );
      const handled = ["add", "modify", "unmodified", "fail"] as const;
      const skipped = items.filter((item) => item.action === "skip" && isScanned(item));
      const scanned = handled.reduce((sum, action) => sum + count(items, action), skipped.length);
      const end = items.at(-1);
      assert.ok(end?.action === "end" && end.scanned === scanned && end.toDelete === removed);
    }
  };
  const property = fc.asyncProperty(
    fc.array(snapshots, { minLength: 1, maxLength: 4 }),
    fc.boolean(),
    law,
  );
  await fc.assert(property, { numRuns: 400 });
});

test("a sync planned again does nothing, and a forced one puts every document that is indexed", async () => {
  const law = async (history: Snapshot[]): Promise<void> => {
    const world = newWorld();
    for (const snapshot of history) {
      change(world, snapshot);
      await sync(world);
    }
    const again = await sync(world);
    for (const action of ["add", "modify", "delete", "fail"] as const) {
      assert.equal(count(again, action), 0, brief(again).join(", "));
    }
    const index = new Map(world.index);
    world.settings = { ...world.settings, syncMode: "FORCED_FULL_CRAWL" };
    const forced = await sync(world);
    assert.equal(count(forced, "modify"), count(again, "unmodified"));
    assert.equal(count(forced, "unmodified"), 0);
    assert.deepEqual(world.index, index);
  };
  await fc.assert(fc.asyncProperty(fc.array(snapshots, { minLength: 1, maxLength: 3 }), law), {
    numRuns: 250,
  });
});

test("every metadata file finds its document, however few may wait, in the order of the documents", async () => {
  const key = fc
    .array(fc.constantFrom("a", "!", ".", "m", "/"), { minLength: 1, maxLength: 4 })
    .map((chars) => chars.join(""));
  const law = async (
    documents: string[],
    described: string[],
    waitingMax: number,
  ): Promise<void> => {
    const all = [...documents, ...described.map((one) => `${one}.metadata.json`)];
    const sorted = [...new Set(all)].sort(compareKeys);
    const of = (one: string) => ({ key: one, sizeBytes: 1, etag: one, lastModified: new Date(0) });
    async function* entries(): AsyncGenerator<Entry[]> {
      for (const one of sorted) {
        const kind = one.endsWith(".metadata.json") ? "metadata" : "object";
        yield [{ kind, key: one, object: of(one) }];
      }
    }
    const find = async (one: string) => (sorted.includes(one) ? of(one) : undefined);
    const pairs: Paired[] = [];
    for await (const pair of pairWithMetadata(entries(), find, { waitingMax })) pairs.push(...pair);
    const plain = sorted
      .filter((one) => !one.endsWith(".metadata.json"))
      .map((one) => {
        const name = `${one}.metadata.json`;
        return [one, sorted.includes(name) ? name : undefined];
      });
    assert.deepEqual(
      pairs.map(({ object, metadata }) => [object.key, metadata?.key]),
      plain,
    );
  };
  const lists = fc.array(key, { maxLength: 12 });
  await fc.assert(fc.asyncProperty(lists, lists, fc.integer({ min: 1, max: 5 }), law), {
    numRuns: 500,
  });
});

test("a document whose metadata file comes a million keys later does not fill the memory", async () => {
  let most = 0;
  let yielded = 0;
  let read = 0;
  async function* entries(): AsyncGenerator<Entry[]> {
    const of = (key: string) => ({ key, sizeBytes: 1, etag: "", lastModified: new Date(0) });
    yield [{ kind: "object", key: "a", object: of("a") }];
    for (let n = 0; n < 20_000; n += 1) {
      read += 1;
      most = Math.max(most, read - yielded);
      const key = `a!${String(n).padStart(6, "0")}`;
      yield [{ kind: "object", key, object: of(key) }];
    }
  }
  const finds: string[] = [];
  const find = async (key: string) => void finds.push(key);
  for await (const batch of pairWithMetadata(entries(), find as () => Promise<undefined>, {
    waitingMax: 100,
  }))
    yielded += batch.length;
  assert.equal(yielded, 20_001);
  assert.deepEqual(finds, ["a.metadata.json"]);
  assert.ok(most <= 101, `${most} waited`);
});
