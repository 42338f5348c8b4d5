import { syncJobs } from "../store/store.ts";
import { requireActiveDataSource } from "./data-source.ts";
import { conflict } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/**
 * Asks the running job to stop; what it has handed over stays ("StopDataSourceSyncJob", API
 * reference). For a custom connector it says that all documents have been sent.
 */
export const stopDataSourceSyncJob: Operation<"StopDataSourceSyncJob"> = async (input, call) => {
  const source = await requireActiveDataSource(call, input);
  await call.db.write(async (trx) => {
    const running = await syncJobs.findRunning(trx, source.id);
    if (running === undefined) {
      throw conflict(
        "data-source",
        source.id,
        `No sync job of data source ${source.id} is running.`,
      );
    }
    if (source.record.type === "CUSTOM")
      await call.ingestion.finishCustomSync(trx, running, call.now);
    else await syncJobs.requestStop(trx, running.id);
  });
  call.ingestion.wake();
  return {};
};
