import type { DataSourceRecord } from "./data-source.ts";
import { listResources } from "./listing.ts";
import { requireApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/** Lists the data sources of an index, at most 10 a page ("ListDataSources", API reference). */
export const listDataSources: Operation<"ListDataSources"> = async (input, call) => {
  const { applicationId, indexId } = input;
  await requireApplication(call, applicationId);
  await requireResource(call, "index", indexId, { applicationId });
  const { items, nextToken } = await listResources<DataSourceRecord>(call, input, {
    kind: "dataSource",
    applicationId,
    indexId,
    maxResultsDefault: 10,
  });
  return {
    nextToken,
    dataSources: items.map(({ id, status, createdAt, updatedAt, record }) => ({
      displayName: record.displayName,
      dataSourceId: id,
      type: record.type,
      createdAt,
      updatedAt,
      status: status as "ACTIVE" | "DELETING",
    })),
  };
};
