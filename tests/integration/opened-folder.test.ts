import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { counts, search, type Source, sync } from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

const text = "The salary of the harbour master is 71234 crowns.";
const sales = [{ Name: "sales", Type: "GROUP", Access: "ALLOW" }];
const brokenPdf = (what: string): string => `%PDF-1.7\n${what}`;

describe("a folder that is opened while a document in it cannot be read any more", () => {
  let world: World;
  before(async () => {
    world = await openWorld(8);
  });
  after(() => world.close());

  async function sourceWith(prefix: string) {
    const source = await world.source(
      { "hr/plan": text, "hr/other.txt": "The harbour sauna is open on Fridays." },
      { aclConfigurationFilePath: "acl.json" },
    );
    const list = async (...prefixes: readonly string[]): Promise<void> => {
      const rules = prefixes.map((one) => `s3://${source.bucket}/${one}`);
      const entries = rules.map((keyPrefix) => ({ keyPrefix, aclEntries: sales }));
      await source.files.putJson("acl.json", entries);
    };
    await list(prefix);
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    return { source, list, files: source.files };
  }

  const found = async (source: Source): Promise<readonly string[]> =>
    (await search(source, "salary of the harbour master, harbour sauna")).map(
      (id) => id.split("/").at(-1) ?? "",
    );

  test("does not show what it said before", async () => {
    const { source, list, files } = await sourceWith("hr/");
    await files.put("hr/plan", brokenPdf("one"));
    await list("finance/");
    assert.equal(counts(await sync(source)), "2 0 1 0 1");
    assert.deepEqual(await found(source), ["other.txt"]);
  });

  test("does not show what a list hid that cannot be read any more", async () => {
    const source = await world.source({ plan: text, "other.txt": "The harbour sauna is open." });
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    assert.deepEqual((await found(source)).toSorted(), ["other.txt", "plan"]);
    await source.files.put("plan", brokenPdf("one"));
    await source.files.putJson("plan.metadata.json", { AccessControlList: sales });
    await sync(source);
    assert.deepEqual(await found(source), ["other.txt"]);
    await source.files.put("plan.metadata.json", "{");
    await sync(source);
    assert.deepEqual(await found(source), ["other.txt"]);
  });

  test("does not show what a new list hides, whatever else is wrong with the metadata", async () => {
    const source = await world.source({ plan: text, "other.txt": "The harbour sauna is open." });
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    const unknownField = { Attributes: { department: "harbour" } };
    await source.files.putJson("plan.metadata.json", { AccessControlList: sales, ...unknownField });
    assert.equal(counts(await sync(source)), "2 0 0 0 1");
    assert.deepEqual(await found(source), ["other.txt"]);
    await source.files.remove("plan.metadata.json");
    assert.equal(counts(await sync(source)), "2 0 1 0 0");
    assert.deepEqual((await found(source)).toSorted(), ["other.txt", "plan"], "the list is gone");
  });

  test("does not show what a new list hides, where the metadata wants an id that is taken", async () => {
    const source = await world.source({ "a.txt": "The harbour sauna is open.", plan: text });
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    const taken = { DocumentId: `s3://${source.bucket}/a.txt` };
    await source.files.putJson("plan.metadata.json", { AccessControlList: sales, ...taken });
    assert.equal(counts(await sync(source)), "2 0 0 0 1");
    assert.deepEqual(await found(source), ["a.txt"]);
  });

  test("does not show it later either, when the document fails again", async () => {
    const { source, list, files } = await sourceWith("hr/");
    await files.put("hr/plan", brokenPdf("one"));
    await sync(source);
    await list("finance/");
    await sync(source);
    assert.deepEqual(await found(source), ["other.txt"]);
    await files.put("hr/plan", brokenPdf("two"));
    await sync(source);
    assert.deepEqual(await found(source), ["other.txt"]);
    await files.put("hr/plan", "The harbour master has left.");
    await sync(source);
    assert.deepEqual((await found(source)).toSorted(), ["other.txt", "plan"]);
  });
});
