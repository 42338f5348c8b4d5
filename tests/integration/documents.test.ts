import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import {
  BatchDeleteDocumentCommand,
  BatchPutDocumentCommand,
  type BatchPutDocumentCommandInput,
  CreateDataSourceCommand,
  type Document,
  GetIndexCommand,
  ListDocumentsCommand,
  UpdateIndexCommand,
} from "@aws-sdk/client-qbusiness";
import { qbusiness, refusal } from "../support/clients.ts";
import {
  accountId,
  ask,
  counts,
  endOf,
  listDocuments,
  makeRole,
  noAnswer,
  region,
  search,
  settled,
  type Site,
  type Source,
  startSync,
} from "../support/site.ts";
import { StopDataSourceSyncJobCommand } from "@aws-sdk/client-qbusiness";
import { openWorld, type World } from "../support/world.ts";

const textOf = (text: string) => ({ blob: Buffer.from(text) });

function put(
  site: Site,
  documents: readonly Document[],
  more: Partial<BatchPutDocumentCommandInput> = {},
) {
  const { applicationId, indexId } = site;
  const input = { applicationId, indexId, documents: [...documents], ...more };
  return site.client.send(new BatchPutDocumentCommand(input));
}

function remove(site: Site, ids: readonly string[], dataSourceSyncId?: string) {
  const { applicationId, indexId } = site;
  const documents = ids.map((documentId) => ({ documentId }));
  return site.client.send(
    new BatchDeleteDocumentCommand({ applicationId, indexId, documents, dataSourceSyncId }),
  );
}

/** `[id, code]` of each document that was not taken. */
async function failures(call: ReturnType<typeof put>) {
  const { failedDocuments = [] } = await call;
  return failedDocuments.map(({ id, error }) => [id, error?.errorCode]);
}

describe("documents that are put directly", () => {
  let world: World;
  before(async () => {
    world = await openWorld(10);
  });
  after(() => world.close());

  test("are acknowledged, indexed, replaced as a whole, and deleted at once", async () => {
    const site = await world.site();
    assert.deepEqual(await failures(put(site, [{ id: "kb-17", content: textOf("") }])), []);
    const empty = (await settled(site)).get("kb-17");
    assert.equal(empty?.status, "DOCUMENT_FAILED_TO_INDEX");
    assert.equal(empty?.error?.errorCode, "InvalidRequest");
    assert.ok(empty?.error?.errorMessage);

    await put(site, [
      { id: "kb-17", title: "Expense rules", content: textOf("Receipts above 25 euros.") },
    ]);
    const first = (await settled(site)).get("kb-17");
    assert.equal(first?.status, "INDEXED");
    assert.deepEqual(first?.error, {});
    assert.deepEqual(first?.createdAt, empty?.createdAt, "first acceptance of the id");
    await put(site, [{ id: "kb-17", content: textOf("Receipts above 40 euros.") }]);
    const second = (await settled(site)).get("kb-17");
    assert.equal(second?.status, "UPDATED");
    const answer = await ask(site, "Receipts above how many euros?");
    assert.match(answer.systemMessage ?? "", /40/);
    assert.doesNotMatch(answer.systemMessage ?? "", /25/);
    assert.equal(answer.sourceAttributions?.[0]?.title, "kb-17", "omitted members vanish");

    assert.deepEqual(await failures(remove(site, ["kb-17"]) as never), []);
    assert.equal((await ask(site, "Receipts above how many euros?")).systemMessage, noAnswer);
    assert.equal((await listDocuments(site)).size, 0);
    const { applicationId, indexId, client } = site;
    const { indexStatistics } = await client.send(new GetIndexCommand({ applicationId, indexId }));
    assert.deepEqual(indexStatistics?.textDocumentStatistics, {
      indexedTextBytes: 0,
      indexedTextDocumentCount: 0,
    });
    assert.deepEqual(await failures(remove(site, ["kb-17", "other", "kb-17"]) as never), [
      ["kb-17", "InvalidRequest"],
      ["other", "InvalidRequest"],
    ]);
  });

  test("what is wrong with the request refuses all of it", async () => {
    const site = await world.site();
    const good = { id: "good", content: textOf("good") };
    const cases: readonly (readonly Document[])[] = [
      [],
      Array.from({ length: 11 }, (_, n) => ({ id: `d${n}`, content: textOf("x") })),
      [good, { id: "", content: textOf("x") }],
      [good, { id: "a\u0007b", content: textOf("x") }],
      [good, { id: "x".repeat(1826), content: textOf("x") }],
      [good, { id: "x", content: {} as never }],
      [
        good,
        { id: "x", content: { blob: Buffer.from("x"), s3: { bucket: "b-1", key: "k" } } as never },
      ],
      [good, { id: "x", contentType: "EXE" as never, content: textOf("x") }],
      [good, { id: "x", content: textOf("x"), attributes: [] }],
      [
        good,
        {
          id: "x",
          content: textOf("x"),
          attributes: [{ name: "_category", value: { stringValue: "x".repeat(2049) } }],
        },
      ],
    ];
    for (const [n, documents] of cases.entries()) {
      const refused = await refusal(put(site, documents));
      assert.deepEqual([refused.name, refused.status], ["ValidationException", 400], `case ${n}`);
    }
    const unknown = await refusal(put({ ...site, indexId: randomUUID() }, [good]));
    assert.deepEqual([unknown.name, unknown.resourceType], ["ResourceNotFoundException", "index"]);
    assert.equal((await listDocuments(site)).size, 0);
    const { applicationId, indexId, client } = site;
    for (const count of [0, 101]) {
      const documents = Array.from({ length: count }, (_, n) => ({ documentId: `d${n}` }));
      const call = client.send(
        new BatchDeleteDocumentCommand({ applicationId, indexId, documents }),
      );
      assert.equal((await refusal(call)).name, "ValidationException");
    }
  });

  test("S4: what is wrong with one document fails that one alone", async () => {
    const site = await world.site();
    const { applicationId, indexId, client } = site;
    await client.send(
      new UpdateIndexCommand({
        applicationId,
        indexId,
        documentAttributeConfigurations: [
          { name: "cities", type: "STRING_LIST" },
          { name: "pages", type: "NUMBER" },
          { name: "due", type: "DATE" },
        ],
      }),
    );
    const given = (id: string, name: string, value: object): Document => ({
      id,
      content: textOf(`The heron ${id}.`),
      attributes: [{ name, value: value as never }],
    });
    const documents = [
      given("ok-text", "_category", { stringValue: "birds" }),
      given("unknown-field", "city", { stringValue: "Oslo" }),
      given("wrong-type", "_category", { longValue: 5 }),
      given("number-as-text", "pages", { stringValue: "12" }),
      given("no-number", "pages", { stringValue: "twelve" }),
      given("date-as-text", "due", { stringValue: "2026-01-07T09:00:00+01:00" }),
      given("no-date", "due", { stringValue: "soon" }),
      given("one-of-a-list", "cities", { stringValue: "Oslo" }),
      { id: "no-content" },
      {
        id: "nameless",
        content: textOf("x"),
        accessConfiguration: { accessControls: [{ principals: [{ user: { access: "ALLOW" } }] }] },
      } as Document,
    ];
    assert.deepEqual(await failures(put(site, documents)), [
      ["unknown-field", "InvalidRequest"],
      ["wrong-type", "InvalidRequest"],
      ["no-number", "InvalidRequest"],
      ["no-date", "InvalidRequest"],
      ["no-content", "InvalidRequest"],
      ["nameless", "InvalidRequest"],
    ]);
    const listed = await settled(site);
    assert.deepEqual(
      [...listed.keys()],
      ["ok-text", "number-as-text", "date-as-text", "one-of-a-list"],
    );
    const found = await ask(site, "What about the heron?", {
      attributeFilter: {
        andAllFilters: [
          { equalsTo: { name: "due", value: { dateValue: new Date("2026-01-07T08:00:00Z") } } },
        ],
      },
    });
    assert.equal(found.sourceAttributions?.[0]?.documentId, "date-as-text");
  });

  test("one id twice in a request: both are accepted and the last one wins", async () => {
    const site = await world.site();
    const twice = [
      { id: "same", content: textOf("The heron at the mill weighs one kilogram.") },
      { id: "same", content: textOf("The heron at the mill weighs two kilograms.") },
    ];
    assert.deepEqual(await failures(put(site, twice)), []);
    assert.equal((await settled(site)).size, 1);
    const answer = await ask(site, "How much does the heron at the mill weigh?");
    assert.match(answer.systemMessage ?? "", /two kilograms/);
  });

  test("two writers at once leave one whole document, the last accepted one", async () => {
    const site = await world.site();
    const writers = [qbusiness(world.server), qbusiness(world.server)];
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(
        writers.map((client, n) =>
          put({ ...site, client }, [
            { id: "shared", title: `Title ${round}-${n}`, content: textOf(`Heron ${round}-${n}.`) },
          ]),
        ),
      );
    }
    const shared = (await settled(site)).get("shared");
    assert.ok(shared?.status === "UPDATED" || shared?.status === "INDEXED", shared?.status);
    const { systemMessage = "", sourceAttributions } = await ask(site, "Which heron?");
    const version = /7-[01]/.exec(systemMessage)?.[0];
    assert.ok(version, systemMessage);
    assert.equal(sourceAttributions?.length, 1);
    assert.equal(sourceAttributions?.[0]?.title, `Title ${version}`);
  });

  test("putting and deleting in quick succession: the later call wins", async () => {
    const site = await world.site();
    const document = { id: "d", content: textOf("The heron nests in April.") };
    await put(site, [document]);
    await remove(site, ["d"]);
    assert.equal((await settled(site)).size, 0);
    await put(site, [document]);
    await remove(site, ["d"]);
    await put(site, [document]);
    assert.equal((await settled(site)).get("d")?.status, "INDEXED");
    assert.deepEqual(await search(site, "heron nests in April"), ["d"]);
  });

  test("listing goes over pages, and each document stands on one", async () => {
    const site = await world.site();
    for (let batch = 0; batch < 3; batch += 1) {
      const ids = Array.from({ length: 10 }, (_, n) => `d-${batch}-${n}`);
      await put(
        site,
        ids.map((id) => ({ id, content: textOf(`Text of ${id}.`) })),
      );
    }
    await settled(site);
    assert.equal((await listDocuments(site, 7)).size, 30);
    const { applicationId, indexId, client } = site;
    const unknown = new ListDocumentsCommand({
      applicationId,
      indexId,
      dataSourceIds: [randomUUID()],
    });
    assert.equal((await refusal(client.send(unknown))).resourceType, "data-source");
  });

  test("content in a bucket is read as the role that the call hands over", async () => {
    const site = await world.site();
    const files = world.bucket();
    await files.put("kb/heron.txt", "The heron at the mill weighs two kilograms.");
    const object = (key: string, id = key): Document => ({
      id,
      content: { s3: { bucket: files.name, key } },
    });
    assert.deepEqual(await failures(put(site, [object("kb/heron.txt")])), [
      ["kb/heron.txt", "InvalidRequest"],
    ]);
    const trust = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "qbusiness.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: { ArnEquals: { "aws:SourceArn": site.applicationArn } },
        },
      ],
    };
    const policy = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "s3:GetObject",
          Resource: `arn:aws:s3:::${files.name}/kb/*`,
          Condition: { StringEquals: { "aws:ResourceAccount": accountId } },
        },
      ],
    };
    const roleArn = await makeRole(site.iam, `reader-${randomUUID()}`, { trust, policy });
    await files.put("private/x.txt", "Nobody may read of the purple heron.");
    const documents = [object("kb/heron.txt"), object("kb/missing.txt"), object("private/x.txt")];
    assert.deepEqual(await failures(put(site, documents, { roleArn })), []);
    const listed = await settled(site);
    assert.equal(listed.get("kb/heron.txt")?.status, "INDEXED");
    assert.equal(listed.get("kb/missing.txt")?.status, "FAILED");
    assert.equal(listed.get("kb/missing.txt")?.error?.errorCode, "ResourceNotFound");
    assert.equal(listed.get("private/x.txt")?.status, "FAILED");
    assert.match(
      listed.get("private/x.txt")?.error?.errorMessage ?? "",
      /not authorized to perform: s3:GetObject/,
    );
    const answer = await ask(site, "How much does the heron at the mill weigh?");
    assert.match(answer.systemMessage ?? "", /two kilograms/);
    assert.equal(answer.sourceAttributions?.[0]?.title, "heron.txt");
    const elsewhere = await world.site();
    const foreign = await refusal(put(elsewhere, [object("kb/heron.txt")], { roleArn }));
    assert.equal(foreign.name, "ValidationException", "the trust is for one application");
  });

  describe("with a custom connector", () => {
    async function customSource(): Promise<Source> {
      const site = await world.site();
      const { applicationId, indexId } = site;
      const { dataSourceId = "" } = await site.client.send(
        new CreateDataSourceCommand({
          applicationId,
          indexId,
          displayName: "custom",
          configuration: { type: "CUSTOM", version: "1.0.0" },
        }),
      );
      return { ...site, dataSourceId, bucket: "", roleArn: "", roleName: "" };
    }
    const stop = (source: Source) => {
      const { client, applicationId, indexId, dataSourceId } = source;
      return client.send(
        new StopDataSourceSyncJobCommand({ applicationId, indexId, dataSourceId }),
      );
    };

    test("belong to its source, count once each, and the stop ends the job", async () => {
      const source = await customSource();
      const sync = await startSync(source);
      const of = (id: string, text: string) => ({ id, content: textOf(text) });
      const scope = { dataSourceSyncId: sync };
      await put(source, [of("a", "Heron a."), of("b", "Heron b."), of("bad", " ")], scope);
      await settled(source);
      await put(source, [of("a", "Heron a again.")], scope);
      await settled(source);
      await put(source, [of("a", "Heron a a third time.")], scope);
      await remove(source, ["b"], sync);
      await stop(source);
      const job = await endOf(source, sync);
      assert.equal(job.status, "INCOMPLETE");
      assert.equal(counts(job), " 2 1 1 1", "documentsScanned is not reported");
      const [found] = (await ask(source, "Which heron a third time?")).sourceAttributions ?? [];
      assert.equal(found?.datasourceId, source.dataSourceId);

      const late = await put(source, [of("c", "Heron c."), of("d", "Heron d.")], scope);
      assert.deepEqual(
        late.failedDocuments?.map(({ id, error }) => [id, error?.errorCode]),
        [
          ["c", "ResourceInactive"],
          ["d", "ResourceInactive"],
        ],
      );
      const lateRemoval = await remove(source, ["a"], sync);
      assert.equal(lateRemoval.failedDocuments?.length, 1);
      assert.equal((await listDocuments(source)).has("a"), true);
      const second = await startSync(source);
      assert.notEqual(second, sync);
      await stop(source);
      assert.equal((await endOf(source, second)).status, "SUCCEEDED");
      assert.ok((await listDocuments(source)).has("a"), "documents not sent again stay");
    });

    test("an unknown sync id, and one of another index, fail all documents", async () => {
      const source = await customSource();
      const other = await customSource();
      const foreign = await startSync(other);
      for (const dataSourceSyncId of [randomUUID(), foreign]) {
        const documents = [{ id: "a", content: textOf("x") }];
        const failed = await failures(put(source, documents, { dataSourceSyncId }));
        assert.deepEqual(failed, [["a", "ResourceInactive"]]);
      }
      assert.equal((await listDocuments(source)).size, 0);
    });

    test("one id directly and in a source are two documents", async () => {
      const source = await customSource();
      const sync = await startSync(source);
      await put(source, [{ id: "same", content: textOf("The direct heron.") }]);
      await put(source, [{ id: "same", content: textOf("The connected heron.") }], {
        dataSourceSyncId: sync,
      });
      await stop(source);
      await endOf(source, sync);
      const { applicationId, indexId, dataSourceId, client } = source;
      const list = async (dataSourceIds?: string[]) =>
        (await client.send(new ListDocumentsCommand({ applicationId, indexId, dataSourceIds })))
          .documentDetailList?.length;
      assert.equal(await list(), 2);
      assert.equal(await list([dataSourceId]), 1);
      await remove(source, ["same"]);
      assert.equal(await list(), 1);
      assert.match((await ask(source, "Which heron is it?")).systemMessage ?? "", /connected/);
    });

    test("the region and account of its ARN are the installation's", async () => {
      const { indexArn } = await customSource();
      assert.ok(indexArn.startsWith(`arn:aws:qbusiness:${region}:${accountId}:application/`));
    });
  });
});
