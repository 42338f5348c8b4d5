import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { ListDocumentsCommand, StopDataSourceSyncJobCommand } from "@aws-sdk/client-qbusiness";
import {
  accountId,
  ask,
  counts,
  endOf,
  listDocuments,
  region,
  settled,
  type Source,
  startSync,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";
import { failures, makeCustomSource, put, remove, textOf } from "../support/documents.ts";

describe("documents of a custom connector", () => {
  let world: World;
  before(async () => {
    world = await openWorld(10);
  });
  after(() => world.close());

  const customSource = (): Promise<Source> => makeCustomSource(world);
  const stop = (source: Source) => {
    const { client, applicationId, indexId, dataSourceId } = source;
    return client.send(new StopDataSourceSyncJobCommand({ applicationId, indexId, dataSourceId }));
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
