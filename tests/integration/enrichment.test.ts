import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  BatchPutDocumentCommand,
  CreateDataSourceCommand,
  type Document,
  type DocumentEnrichmentConfiguration,
  GetDataSourceCommand,
  type InlineDocumentEnrichmentConfiguration,
  SearchRelevantContentCommand,
  UpdateDataSourceCommand,
  UpdateIndexCommand,
} from "@aws-sdk/client-qbusiness";
import { refusal } from "../support/clients.ts";
import {
  accountId,
  counts,
  pathOf,
  s3Configuration,
  search,
  settled,
  type Site,
  type Source,
  sync,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

const text = (stringValue: string) => ({ stringValue });
const harbour = { blob: Buffer.from("Words about the harbour.") };

async function addFields(site: Site): Promise<void> {
  const { applicationId, indexId } = site;
  await site.client.send(
    new UpdateIndexCommand({
      applicationId,
      indexId,
      documentAttributeConfigurations: [
        { name: "department", type: "STRING", search: "ENABLED" },
        { name: "reviewed", type: "DATE", search: "DISABLED" },
      ],
    }),
  );
}

function put(site: Site, documents: readonly Document[]) {
  const { applicationId, indexId } = site;
  return site.client.send(
    new BatchPutDocumentCommand({ applicationId, indexId, documents: [...documents] }),
  );
}

/** `name -> value` of the attributes of the documents that a question finds, by id. */
async function attributes(
  site: Site,
): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const { relevantContent = [] } = await site.client.send(
    new SearchRelevantContentCommand({
      applicationId: site.applicationId,
      queryText: "harbour",
      contentSource: { retriever: { retrieverId: site.retrieverId } },
    }),
  );
  return new Map(
    relevantContent.map(({ documentId = "", documentTitle, documentAttributes = [] }) => [
      documentId,
      Object.fromEntries([
        ["title", documentTitle],
        ...documentAttributes.map(({ name, value }) => [name, Object.values(value ?? {})[0]]),
      ]),
    ]),
  );
}

function enrich(source: Source, enrichment: DocumentEnrichmentConfiguration) {
  return source.client.send(
    new UpdateDataSourceCommand({
      ...pathOf(source),
      documentEnrichmentConfiguration: enrichment,
    }),
  );
}

const inline = (...rules: InlineDocumentEnrichmentConfiguration[]) => ({
  inlineConfigurations: rules,
});

describe("inline enrichment", () => {
  let world: World;
  before(async () => {
    world = await openWorld(4);
  });
  after(() => world.close());

  test("changes attributes, title and content of documents that are put", async () => {
    const site = await world.site();
    await addFields(site);
    const reviewed = new Date("2026-01-02T03:04:05.678Z");
    const rules = inline(
      {
        condition: { key: "_document_id", operator: "BEGINS_WITH", value: text("hr/") },
        target: { key: "department", value: text("People") },
      },
      {
        condition: { key: "department", operator: "EQUALS", value: text("People") },
        target: { key: "_document_title", value: text("A page of People") },
      },
      { target: { key: "reviewed", value: { dateValue: reviewed } } },
      {
        condition: { key: "_document_id", operator: "CONTAINS", value: text("secret") },
        documentContentOperator: "DELETE",
      },
    );
    const documents = ["hr/leave", "it/laptops", "hr/secret"].map((id) => ({
      id,
      content: harbour,
      documentEnrichmentConfiguration: rules,
    }));
    assert.deepEqual((await put(site, documents)).failedDocuments, []);
    const listed = await settled(site);
    assert.deepEqual(
      [...listed].map(([id, { status }]) => [id, status]),
      [
        ["hr/leave", "INDEXED"],
        ["it/laptops", "INDEXED"],
        ["hr/secret", "INDEXED"],
      ],
      "a document whose content was dropped is still listed",
    );
    const found = await attributes(site);
    assert.deepEqual([...found.keys()].sort(), ["hr/leave", "it/laptops"]);
    assert.deepEqual(found.get("hr/leave"), {
      title: "A page of People",
      _document_title: "A page of People",
      _language_code: "en",
      department: "People",
      reviewed,
    });
    assert.equal(found.get("it/laptops")?.["department"], undefined);
    assert.equal(found.get("it/laptops")?.["title"], "it/laptops");
  });

  test("is not remembered with a document: the next put says it again or goes without", async () => {
    const site = await world.site();
    await addFields(site);
    const rules = inline({ target: { key: "department", value: text("People") } });
    const document = { id: "a", content: harbour };
    await put(site, [{ ...document, documentEnrichmentConfiguration: rules }]);
    await settled(site);
    assert.equal((await attributes(site)).get("a")?.["department"], "People");
    await put(site, [document]);
    await settled(site);
    assert.equal((await attributes(site)).get("a")?.["department"], undefined);
  });

  test("belongs to an S3 data source, and a change of it makes every document modified", async () => {
    const source = await world.source({
      "hr/leave.md": "Words about the harbour.",
      "it/laptops.md": "More words about the harbour.",
    });
    await addFields(source);
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    const rule = {
      condition: { key: "_source_uri", operator: "NOT_EXISTS" },
      target: { key: "department", value: text("Both") },
    } as const;
    const reviewed = new Date("2026-01-02T03:04:05.678Z");
    const dated = { target: { key: "reviewed", value: { dateValue: reviewed } } };
    await enrich(source, inline(rule, dated));
    const { documentEnrichmentConfiguration: read } = await source.client.send(
      new GetDataSourceCommand(pathOf(source)),
    );
    assert.deepEqual(read, inline(rule, dated));
    assert.equal(counts(await sync(source)), "2 0 2 0 0");
    const id = `s3://${source.bucket}/hr/leave.md`;
    const found = (await attributes(source)).get(id);
    assert.deepEqual([found?.["department"], found?.["reviewed"]], ["Both", reviewed]);
    assert.equal(counts(await sync(source)), "2 0 0 0 0", "the same configuration changes nothing");

    const drop = {
      condition: { key: "_document_id", operator: "CONTAINS", value: text("/hr/") },
      documentContentOperator: "DELETE",
    } as const;
    await enrich(source, inline(drop));
    assert.equal(counts(await sync(source)), "2 0 2 0 0");
    assert.deepEqual(await search(source, "harbour"), [`s3://${source.bucket}/it/laptops.md`]);
    assert.equal((await settled(source)).get(id)?.status, "UPDATED");
    assert.equal(counts(await sync(source)), "2 0 0 0 0");

    await enrich(source, {});
    assert.equal(counts(await sync(source)), "2 0 2 0 0");
    assert.equal((await search(source, "harbour")).length, 2);
  });

  test("spares a document whose content is dropped from being read at all", async () => {
    const source = await world.source({ "broken.pdf": "no PDF", "fine.md": "The harbour." });
    assert.equal(counts(await sync(source)), "2 1 0 0 1");
    await enrich(
      source,
      inline({
        condition: { key: "_file_type", operator: "EQUALS", value: text("PDF") },
        documentContentOperator: "DELETE",
      }),
    );
    assert.equal(counts(await sync(source)), "2 1 1 0 0");
  });
});

describe("an enrichment configuration that cannot work", () => {
  let world: World;
  before(async () => {
    world = await openWorld(2);
  });
  after(() => world.close());

  const body = inline({ condition: { key: "_document_body", operator: "EXISTS" } });

  test("is refused with the data source, and names each fault", async () => {
    const source = await world.source();
    const bad = inline(
      { target: { key: "city", value: text("x") } },
      { target: { key: "_view_count", value: { longValue: 1 }, attributeValueOperator: "DELETE" } },
      { condition: { key: "_view_count", operator: "CONTAINS", value: { longValue: 1 } } },
    );
    const refused = await refusal(enrich(source, bad));
    assert.equal(refused.name, "ValidationException");
    assert.deepEqual(
      refused.fields?.map(({ name }) => name),
      [
        "documentEnrichmentConfiguration.inlineConfigurations.1.member.target.key",
        "documentEnrichmentConfiguration.inlineConfigurations.2.member.target.value",
        "documentEnrichmentConfiguration.inlineConfigurations.3.member.condition.operator",
      ],
    );
    assert.equal((await refusal(enrich(source, body))).name, "ValidationException");
    const read = await source.client.send(new GetDataSourceCommand(pathOf(source)));
    assert.equal(read.documentEnrichmentConfiguration, undefined, "nothing of it was kept");
  });

  test("is refused for template S3V2 and for custom connectors", async () => {
    const source = await world.source();
    const { applicationId, indexId, roleArn } = source;
    const good = inline({ target: { key: "_category", value: text("x") } });
    const create = (configuration: object, more: object) =>
      source.client.send(
        new CreateDataSourceCommand({
          applicationId,
          indexId,
          displayName: "second",
          configuration: configuration as never,
          documentEnrichmentConfiguration: good,
          ...more,
        }),
      );
    const custom = await refusal(create({ type: "CUSTOM", version: "1.0.0" }, {}));
    assert.match(custom.message, /documentEnrichmentConfiguration.*BatchPutDocument/);
    const newer = { bucketName: source.bucket, bucketOwnerAccountId: accountId };
    const template = { type: "S3V2", connectionConfiguration: newer };
    const refused = await refusal(create(template, { roleArn }));
    assert.equal(refused.name, "ValidationException");
    assert.match(refused.message, /documentEnrichmentConfiguration.*S3V2/);
    const made = await create(s3Configuration(source.bucket), { roleArn });
    assert.ok(made.dataSourceId, "template S3 takes it at once");
  });

  test("makes a whole BatchPutDocument invalid, and nothing is accepted", async () => {
    const site = await world.site();
    const refused = await refusal(
      put(site, [
        { id: "good", content: harbour },
        { id: "bad", content: harbour, documentEnrichmentConfiguration: body },
      ]),
    );
    assert.equal(refused.name, "ValidationException");
    const [field] = refused.fields ?? [];
    assert.equal(
      field?.name,
      "documents.2.member.documentEnrichmentConfiguration.inlineConfigurations.1.member.condition.key",
    );
    assert.equal((await settled(site)).size, 0);
  });
});
