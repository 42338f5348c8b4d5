import { recordOf, requireDataSource } from "./data-source.ts";
import type { Operation } from "./operation.ts";

/** Reads a data source ("GetDataSource", API reference). */
export const getDataSource: Operation<"GetDataSource"> = async (input, call) => {
  const source = await requireDataSource(call, input);
  const record = recordOf(source);
  return {
    applicationId: source.applicationId,
    indexId: source.indexId,
    dataSourceId: source.id,
    dataSourceArn: source.arn,
    displayName: record.displayName,
    type: record.type,
    configuration: record.configuration,
    vpcConfiguration: record.vpcConfiguration,
    createdAt: source.createdAt,
    updatedAt: source.updatedAt,
    description: record.description,
    status: source.status as "ACTIVE" | "DELETING",
    syncSchedule: record.syncSchedule,
    roleArn: record.roleArn,
    documentEnrichmentConfiguration: record.documentEnrichmentConfiguration,
    mediaExtractionConfiguration: record.mediaExtractionConfiguration,
  };
};
