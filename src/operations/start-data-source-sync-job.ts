import { syncJobs } from "../store/store.ts";
import { contentOf } from "./application-content.ts";
import { within } from "./call.ts";
import { requireActiveDataSource } from "./data-source.ts";
import { conflict } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/** Starts a sync; one runs at a time per data source ("StartDataSourceSyncJob", API reference). */
export const startDataSourceSyncJob: Operation<"StartDataSourceSyncJob"> = async (input, call) => {
  const source = await requireActiveDataSource(call, input);
  await contentOf(call, source.applicationId);
  const executionId = call.ids.uuid();
  await call.db.write(async (trx) => {
    await requireActiveDataSource(within(call, trx), input);
    const running = await syncJobs.findRunning(trx, source.id);
    if (running !== undefined) {
      throw conflict(
        "data-source",
        source.id,
        `The sync job ${running.id} of data source ${source.id} is ${running.status}; wait for its end or stop it.`,
      );
    }
    await syncJobs.insert(trx, {
      id: executionId,
      applicationId: source.applicationId,
      indexId: source.indexId,
      dataSourceId: source.id,
      startedAt: call.now,
    });
    // A custom connector drives its own job with BatchPutDocument; there is nothing to crawl.
    if (source.record.type !== "CUSTOM") {
      await call.ingestion.enqueueSync(trx, { executionId, dataSourceId: source.id }, call.now);
    }
  });
  call.ingestion.wake();
  return { executionId };
};
