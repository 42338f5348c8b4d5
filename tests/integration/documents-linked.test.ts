import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import {
  BatchDeleteDocumentCommand,
  BatchPutDocumentCommand,
  type BatchPutDocumentCommandInput,
  type Document,
  StopDataSourceSyncJobCommand,
} from "@aws-sdk/client-qbusiness";
import { routeReport } from "../../src/operations/reports.ts";
import {
  ask,
  counts,
  endOf,
  listDocuments,
  settled,
  type Source,
  startSync,
} from "../support/site.ts";
import { makeCustomSource } from "../support/documents.ts";
import { openWorld, type World } from "../support/world.ts";

const content = (text: string) => ({ blob: Buffer.from(text) });
const links = (dataSourceId?: string, syncId?: string) => [
  ...(dataSourceId === undefined
    ? []
    : [{ name: "_data_source_id", value: { stringValue: dataSourceId } }]),
  ...(syncId === undefined
    ? []
    : [{ name: "_data_source_sync_job_execution_id", value: { stringValue: syncId } }]),
];

describe("documents that name the custom data source they belong to", () => {
  let world: World;
  before(async () => {
    world = await openWorld(2);
  });
  after(() => world.close());

  const customSource = (): Promise<Source> => makeCustomSource(world);

  async function put(
    { client, applicationId, indexId }: Source,
    documents: Document[],
    more: Partial<BatchPutDocumentCommandInput> = {},
  ): Promise<readonly (readonly [string | undefined, string | undefined])[]> {
    const input = { applicationId, indexId, documents, ...more };
    const { failedDocuments = [] } = await client.send(new BatchPutDocumentCommand(input));
    return failedDocuments.map(({ id, error }) => [id, error?.errorCode]);
  }

  async function stop(source: Source, sync: string) {
    const { client, applicationId, indexId, dataSourceId } = source;
    await client.send(new StopDataSourceSyncJobCommand({ applicationId, indexId, dataSourceId }));
    return endOf(source, sync);
  }

  test("are its documents if they name its running job as well", async () => {
    const source = await customSource();
    const sync = await startSync(source);
    const { dataSourceId } = source;
    const heron = {
      id: "heron",
      content: content("The heron fishes at dawn."),
      attributes: links(dataSourceId, sync),
    };
    assert.deepEqual(await put(source, [heron]), []);
    const job = await stop(source, sync);
    assert.equal(counts(job), " 1 0 0 0");
    const [found] = (await ask(source, "When does the heron fish?")).sourceAttributions ?? [];
    assert.equal(found?.datasourceId, dataSourceId);
    assert.deepEqual(
      await put(source, [heron]),
      [["heron", "ResourceInactive"]],
      "S4: it has ended",
    );
  });

  test("a direct put may not pass itself off as a data source's", async () => {
    const source = await customSource();
    const sync = await startSync(source);
    const other = await customSource();
    const foreign = await startSync(other);
    const { dataSourceId } = source;
    const of = (id: string, ...named: Parameters<typeof links>): Document => ({
      id,
      content: content(`Heron ${id}.`),
      attributes: links(...named),
    });
    const failed = await put(source, [
      of("only-source", dataSourceId),
      of("only-job", undefined, sync),
      of("other-source", other.dataSourceId, sync),
      of("foreign-job", other.dataSourceId, foreign),
      of("no-job", dataSourceId, randomUUID()),
      {
        id: "no-text",
        content: content("x"),
        attributes: [{ name: "_data_source_id", value: { longValue: 5 } }],
      },
      { id: "direct", content: content("Heron direct.") },
    ]);
    assert.deepEqual(failed, [
      ["only-source", "InvalidRequest"],
      ["only-job", "InvalidRequest"],
      ["other-source", "InvalidRequest"],
      ["foreign-job", "ResourceInactive"],
      ["no-job", "ResourceInactive"],
      ["no-text", "InvalidRequest"],
    ]);
    assert.deepEqual([...(await settled(source)).keys()], ["direct"]);
  });

  test("must agree with the job that the call names", async () => {
    const source = await customSource();
    const sync = await startSync(source);
    const { dataSourceId } = source;
    const of = (id: string, attributes: ReturnType<typeof links>): Document => ({
      id,
      content: content(`Heron ${id}.`),
      ...(attributes.length === 0 ? {} : { attributes }),
    });
    const failed = await put(
      source,
      [
        of("none", []),
        of("same", links(dataSourceId, sync)),
        of("half", links(dataSourceId)),
        of("wrong", links(dataSourceId, randomUUID())),
        of("stranger", links(randomUUID())),
      ],
      { dataSourceSyncId: sync },
    );
    assert.deepEqual(failed, [
      ["wrong", "InvalidRequest"],
      ["stranger", "InvalidRequest"],
    ]);
    const job = await stop(source, sync);
    assert.deepEqual([job.status, counts(job)], ["INCOMPLETE", " 3 0 0 2"]);
  });

  test("count once for each metric of a job, however often they were sent", async () => {
    const source = await customSource();
    const sync = await startSync(source);
    const scope = { dataSourceSyncId: sync };
    const heron = (text: string): Document => ({ id: "heron", content: content(text) });
    const bad: Document = {
      id: "bad",
      attributes: [{ name: "_category", value: { longValue: 1 } }],
    };
    await put(source, [heron("one"), heron("two")], scope);
    await settled(source);
    for (const text of [" ", "three", " ", "four"]) {
      await put(source, [heron(text), bad], scope);
      await settled(source);
    }
    const { client, applicationId, indexId } = source;
    for (const documentId of ["heron", "none", "none"]) {
      const input = { applicationId, indexId, documents: [{ documentId }], ...scope };
      await client.send(new BatchDeleteDocumentCommand({ ...input, dataSourceSyncId: sync }));
    }
    // Added once; modified, deleted once; "heron", "bad" and "none" failed.
    assert.equal(counts(await stop(source, sync)), " 1 1 1 3");
    assert.equal((await listDocuments(source)).size, 0);
  });
});

test("a report has one address, and what only looks like one is none", () => {
  const id = "00000000-0000-4000-8000-000000000000";
  const path = `/applications/${id}/indices/${id}/datasources/${id}/syncjobs/${id}/report`;
  assert.equal(routeReport("GET", path)?.kind, "sync");
  assert.equal(
    routeReport("GET", `/applications/${id}/indices/${id}/open-documents`)?.kind,
    "open",
  );
  for (const target of [`${path}/`, `${path}?x=1`, path.toUpperCase(), path.replace(id, "..")]) {
    assert.equal(routeReport("GET", target), undefined, target);
  }
  assert.equal(routeReport("POST", path), undefined);
});
