import { requireDataSource } from "./data-source.ts";
import type { Operation } from "./operation.ts";
import { startRemoval } from "./removal.ts";

/** Starts to delete a data source with its documents ("DeleteDataSource", API reference). */
export const deleteDataSource: Operation<"DeleteDataSource"> = async (input, call) => {
  await startRemoval(call, await requireDataSource(call, input));
  return {};
};
