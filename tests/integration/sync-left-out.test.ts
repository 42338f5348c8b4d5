import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BatchDeleteDocumentCommand, UpdateDataSourceCommand } from "@aws-sdk/client-qbusiness";
import { parseArguments } from "../../src/cli/arguments.ts";
import { sync as syncCommand } from "../../src/cli/sync/sync.ts";
import { testConsole } from "../../src/cli/testing/console.ts";
import { exchangePrefix } from "../../src/objects/objects.ts";
import {
  counts,
  listDocuments,
  pathOf,
  s3Configuration,
  search,
  type Source,
  startSync,
  endOf,
  sync,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

const zip = Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(18)]);
const png = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");

describe("what a sync leaves out", () => {
  let world: World;
  before(async () => {
    world = await openWorld(12);
  });
  after(() => world.close());

  /** The report of the last sync: `key action status: message`. */
  async function report(source: Source): Promise<readonly string[]> {
    const { accessKeyId, secretAccessKey } = world.server.rootKey;
    const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const console = testConsole([], { env, now: () => new Date() });
    const where = ["--endpoint", world.server.url, "--application", source.applicationId];
    const parsed = parseArguments([...where, "--report", "--json"], {
      ...syncCommand,
      command: "sync",
    });
    await syncCommand.run(parsed, console);
    const lines = console.out().trimEnd().split("\n");
    return lines.map((text) => {
      const line = JSON.parse(text) as Readonly<Record<string, unknown>>;
      const { Status } = line["ConnectorDocumentStatus"] as { readonly Status: string };
      const key = String(line["DocumentId"]).replace(`s3://${source.bucket}/`, "");
      const message = String(line["ErrorMsg"]);
      return `${key} ${String(line["CrawlAction"])} ${Status}${message === "" ? "" : `: ${message}`}`;
    });
  }

  async function force(source: Source): Promise<void> {
    const configuration = s3Configuration(source.bucket, { syncMode: "FORCED_FULL_CRAWL" });
    const input = { ...pathOf(source), configuration: configuration as never };
    await source.client.send(new UpdateDataSourceCommand(input));
  }

  const listed = async (source: Source): Promise<readonly string[]> =>
    [...(await listDocuments(source))].map(
      ([id, { status }]) => `${id.replace(`s3://${source.bucket}/`, "")} ${status}`,
    );

  const skipped = "SKIPPED: The object is of no format that can be read.";

  test("an object of a format that is none of a document's is skipped, and no failure", async () => {
    const source = await world.source({ "a.md": "# Herons", "tool.py": "print('heron')" });
    await source.files.put("all.zip", zip);
    await source.files.put("photo", png);
    const first = await sync(source);
    assert.deepEqual([counts(first), first.status], ["4 1 0 0 0", "SUCCEEDED"]);
    assert.deepEqual(await listed(source), ["a.md INDEXED"]);
    const left = [`all.zip ADD ${skipped}`, `photo ADD ${skipped}`, `tool.py ADD ${skipped}`];
    assert.deepEqual(await report(source), ["a.md ADD SUCCESS", ...left]);
    const again = await sync(source);
    assert.deepEqual([counts(again), again.status], ["4 0 0 0 0", "SUCCEEDED"]);
    assert.deepEqual(await report(source), ["a.md UNMODIFIED SUCCESS", ...left]);
    await force(source);
    assert.equal(counts(await sync(source)), "4 0 1 0 0");
  });

  test("a file that is damaged is a failure still", async () => {
    const source = await world.source({ "a.pdf": "no PDF at all", "b.md": "# Herons" });
    await source.files.put("c.docx", png);
    const job = await sync(source);
    assert.deepEqual([counts(job), job.status], ["3 1 0 0 2", "INCOMPLETE"]);
  });

  test("a document whose object becomes such a file goes, and comes back with its text", async () => {
    const source = await world.source({ note: "The heron stands." });
    assert.equal(counts(await sync(source)), "1 1 0 0 0");
    await source.files.put("note", zip);
    assert.equal(counts(await sync(source)), "1 0 0 1 0");
    assert.deepEqual(await report(source), ["note DELETE SUCCESS"]);
    assert.deepEqual(await search(source, "heron"), []);
    assert.deepEqual(await listed(source), []);
    assert.equal(counts(await sync(source)), "1 0 0 0 0");
    await source.files.put("note", "The heron is back.");
    assert.equal(counts(await sync(source)), "1 1 0 0 0");
    assert.deepEqual(await search(source, "heron"), [`s3://${source.bucket}/note`]);
  });

  test("the safeguard keeps what would go because its object became such a file", async () => {
    const source = await world.source(
      { "a.txt": "The heron stands.", b: "The swan swims." },
      { enableDeletionProtection: true, deletionProtectionThreshold: "10" },
    );
    await sync(source);
    await source.files.put("a.txt", "The heron flies.");
    await source.files.put("b", zip);
    assert.equal(counts(await sync(source)), "2 0 1 0 0");
    assert.equal(counts(await sync(source)), "2 0 0 0 0");
    assert.equal((await search(source, "swan")).length, 1);
  });

  test("of two objects with one id the later fails once, and again only when something changes", async () => {
    const source = await world.source({ "a.txt": "The heron stands.", "b.txt": "The swan swims." });
    for (const key of ["a.txt", "b.txt"]) {
      await source.files.putJson(`${key}.metadata.json`, { DocumentId: "bird" });
    }
    const first = await sync(source);
    assert.deepEqual([counts(first), first.status], ["2 1 0 0 1", "INCOMPLETE"]);
    const second = await sync(source);
    assert.deepEqual([counts(second), second.status], ["2 0 0 0 0", "SUCCEEDED"]);
    const [, clash = ""] = await report(source);
    assert.match(clash, /^b\.txt UNMODIFIED FAILED: .* belongs to a key before it/);
    await source.files.put("b.txt", "The swan sleeps.");
    const changed = await sync(source);
    assert.deepEqual([counts(changed), changed.status], ["2 0 0 0 1", "INCOMPLETE"]);
    await force(source);
    assert.equal(counts(await sync(source)), "2 0 1 0 1", "a forced sync tries it again");
    await source.files.remove("a.txt", "a.txt.metadata.json");
    assert.equal(counts(await sync(source)), "1 0 1 0 0");
    assert.deepEqual(await search(source, "swan"), ["bird"]);
  });

  test("BatchDeleteDocument reaches no document of an S3 data source", async () => {
    const source = await world.source({ "a.txt": "The heron stands." });
    await sync(source);
    const { applicationId, indexId, client } = source;
    const documents = [{ documentId: `s3://${source.bucket}/a.txt` }];
    const remove = async (job?: string): Promise<string> => {
      const dataSourceSyncId = job === undefined ? {} : { dataSourceSyncId: job };
      const { failedDocuments = [] } = await client.send(
        new BatchDeleteDocumentCommand({ applicationId, indexId, documents, ...dataSourceSyncId }),
      );
      return failedDocuments.map(({ error }) => error?.errorCode).join();
    };
    assert.equal(await remove(), "InvalidRequest");
    const job = await startSync(source);
    assert.equal(await remove(job), "ResourceInactive", "whether it runs or has ended");
    assert.equal(counts(await endOf(source, job)), "1 0 0 0 0");
    assert.equal((await search(source, "heron")).length, 1);
  });

  test("what is on its way to a function is no document, whosever bucket it lies in", async () => {
    const source = await world.source({
      "a.txt": "The heron stands.",
      [`${exchangePrefix}3f`]: "The secret heron.",
      [`${exchangePrefix}3f.metadata.json`]: "{}",
      "x/quarry-enrichment/b.txt": "The public heron.",
    });
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    assert.deepEqual(await listed(source), ["a.txt INDEXED", "x/quarry-enrichment/b.txt INDEXED"]);
  });
});
