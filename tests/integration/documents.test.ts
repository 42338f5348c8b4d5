import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import {
  BatchDeleteDocumentCommand,
  type Document,
  GetIndexCommand,
  ListDocumentsCommand,
  UpdateIndexCommand,
} from "@aws-sdk/client-qbusiness";
import { qbusiness, refusal } from "../support/clients.ts";
import {
  accountId,
  ask,
  listDocuments,
  makeRole,
  noAnswer,
  search,
  settled,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";
import { failures, put, remove, textOf } from "../support/documents.ts";

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
      for (const where of [indexId, randomUUID()]) {
        const call = client.send(
          new BatchDeleteDocumentCommand({ applicationId, indexId: where, documents }),
        );
        assert.equal((await refusal(call)).name, "ValidationException", "before what is not there");
      }
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

  test("a text whose id or title ends like a file of another kind is a text", async () => {
    const site = await world.site();
    const named = [
      { id: "https://www.example.com", content: textOf("The heron of the page.") },
      { id: "guide", title: "Guide to Node.js", content: textOf("The heron of the guide.") },
      { id: "summary", title: "About a.pdf", content: textOf("The heron of the summary.") },
      {
        id: "typed",
        content: textOf("<b>The heron</b><script>let hidden</script>"),
        attributes: [{ name: "_file_type", value: { stringValue: "HTML" } }],
      },
    ];
    assert.deepEqual(await failures(put(site, named)), []);
    const listed = await settled(site);
    for (const [id, { status, error }] of listed) {
      assert.equal(status, "INDEXED", `${id}: ${error?.errorMessage}`);
    }
    assert.equal((await search(site, "heron")).length, 4);
    assert.deepEqual(await search(site, "hidden"), [], "the attribute says that it is HTML");
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

  test("listing those of an unknown data source is refused, uploaded files there are none", async () => {
    const { applicationId, indexId, client, ...site } = await world.site();
    await put({ applicationId, indexId, client, ...site }, [{ id: "a", content: textOf("A.") }]);
    const listOf = (dataSourceId: string) =>
      client.send(
        new ListDocumentsCommand({ applicationId, indexId, dataSourceIds: [dataSourceId] }),
      );
    const { documentDetailList } = await listOf("uploaded-docs-file-stat-datasourceid");
    assert.deepEqual(documentDetailList, []);
    assert.equal((await refusal(listOf(randomUUID()))).name, "ResourceNotFoundException");
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
});
