import assert from "node:assert/strict";
import { test } from "node:test";
import { crawl } from "./crawl.ts";
import { waitingMax } from "./pairing.ts";
import { newWorld, sourceOf } from "./plan-world.test.ts";

/** A document, and so many objects behind it that its metadata file is asked for. */
async function findsFor(key: string): Promise<readonly string[]> {
  const world = newWorld();
  world.objects.set(key, "text");
  for (let n = 0; n <= waitingMax; n += 1) world.objects.set(`${key}!${1000 + n}`, "text");
  let count = 0;
  for await (const batch of crawl(sourceOf(world, 1000), world.settings)) count += batch.length;
  assert.equal(count, waitingMax + 2);
  return world.finds;
}

test("a metadata file that may come late is asked for, unless no store can have its key", async () => {
  const name = "é".repeat(505);
  assert.deepEqual(await findsFor(name), [`${name}.metadata.json`], "1,024 bytes");
  assert.deepEqual(await findsFor(`${name}e`), [], "one more");
});
