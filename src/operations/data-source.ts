import type { CreateDataSourceRequest } from "../contract/contract.ts";
import { parseSchedule, validateConfiguration } from "../connectors/connectors.ts";
import { type FieldTypes, reviveEnrichment } from "../ingestion/ingestion.ts";
import type { Network } from "../network/network.ts";
import type { Resource } from "../store/store.ts";
import { apiError } from "../wire/wire.ts";
import type { Application } from "./application.ts";
import type { Call } from "./call.ts";
import { checkEnrichment } from "./document-enrichment.ts";
import type { IndexRecord } from "./index-record.ts";
import { defaultMappingField, mapsObjectKeys } from "./mapping-field.ts";
import { extractsMedia, noMedia } from "./media-extraction.ts";
import { invalid, requireActive, requireActiveApplication, requireResource } from "./not-found.ts";
import { checkPassedRole } from "./roles.ts";

/** What is kept of a data source besides its id, ARN, status and times. */
export type DataSourceRecord = Omit<CreateDataSourceRequest, "clientToken" | "tags"> & {
  /** The connector, read from the configuration: `S3`, `S3V2` or `CUSTOM`. */
  readonly type: string;
};

/** A stored data source. */
export type DataSource = Resource<DataSourceRecord>;

/** The members of a data source that bear on each other. */
export type DataSourceMembers = Pick<
  DataSourceRecord,
  "configuration" | "syncSchedule" | "vpcConfiguration" | "roleArn"
> &
  Pick<DataSourceRecord, "documentEnrichmentConfiguration" | "mediaExtractionConfiguration">;

/**
 * Checks a data source of an index as a whole and gives its connector's type.
 *
 * @throws ValidationException with one field for each fault of the connector's template.
 */
export function checkDataSource(
  members: DataSourceMembers,
  index: IndexRecord,
  network: Pick<Network, "faultOf">,
): string {
  const verdict = validateConfiguration(members.configuration);
  if (!verdict.isValid) {
    const { errors } = verdict;
    throw apiError("ValidationException", {
      message: `The data source configuration is not valid: ${errors
        .map(({ field, message, code }) => `${code ? `${code} ` : ""}${field} ${message}`)
        .join("; ")}`,
      reason: "FIELD_VALIDATION_FAILED",
      fields: errors.map(({ field: name, message }) => ({ name, message })),
    });
  }
  const { type } = verdict.settings;
  checkCompanions(type, members);
  checkNetwork(type, members.vpcConfiguration, network);
  const fields = fieldsOf(index, type, members);
  checkEnrichmentOf(type, members.documentEnrichmentConfiguration, fields);
  return type;
}

function checkCompanions(type: string, members: DataSourceMembers): void {
  const { syncSchedule, roleArn } = members;
  if (type === "CUSTOM" && syncSchedule !== undefined && syncSchedule !== "") {
    throw invalid("syncSchedule", "Member must be null for a data source of type CUSTOM");
  }
  if (type !== "CUSTOM" && roleArn === undefined) {
    throw invalid("roleArn", `Member must not be null for a data source of type ${type}`);
  }
  checkSchedule(syncSchedule);
  if (extractsMedia(members.mediaExtractionConfiguration)) {
    throw invalid("mediaExtractionConfiguration", noMedia);
  }
}

function checkNetwork(
  type: string,
  vpc: DataSourceMembers["vpcConfiguration"],
  network: Pick<Network, "faultOf">,
): void {
  if (vpc === undefined) return;
  // Nothing of the service runs for a custom connector that could have a network, and the newer
  // template of the S3 connector is published without.
  if (type === "CUSTOM" || type === "S3V2") {
    throw invalid("vpcConfiguration", `Member must be null for a data source of type ${type}`);
  }
  const fault = network.faultOf(vpc);
  if (fault !== undefined) throw invalid(`vpcConfiguration.${fault.member}`, fault.message);
}

function checkEnrichmentOf(
  type: string,
  enrichment: DataSourceMembers["documentEnrichmentConfiguration"],
  fields: FieldTypes,
): void {
  if (enrichment === undefined) return;
  const member = "documentEnrichmentConfiguration";
  // "Document enrichment" is not among the features of the S3 connector's newer template.
  if (type === "S3V2") throw invalid(member, "Member must be null for a data source of type S3V2");
  if (type === "CUSTOM") {
    const way = "give it with each document of BatchPutDocument";
    throw invalid(member, `Member must be null for a data source of type CUSTOM; ${way}`);
  }
  checkEnrichment(enrichment, fields, member);
}

/** The fields that documents of a data source find; the default mapping may still bring its own. */
function fieldsOf(index: IndexRecord, type: string, members: DataSourceMembers): FieldTypes {
  const fields = new Map(index.attributes.map((field) => [field.name, field.type]));
  const isMapped = mapsObjectKeys(type, members.configuration) && !fields.has(defaultMappingField);
  return isMapped ? fields.set(defaultMappingField, "STRING") : fields;
}

/** An empty schedule means: on demand. */
function checkSchedule(text: string | undefined): void {
  if (text === undefined || text === "") return;
  const schedule = parseSchedule(text);
  if (schedule !== undefined && "error" in schedule) {
    throw invalid("syncSchedule", `Member must be a cron expression: ${schedule.error}`);
  }
}

/**
 * Checks the role of a data source. Source: "IAM role for an Amazon S3 data source": roles of
 * applications cannot be those of data sources.
 */
export async function checkSourceRole(
  call: Call,
  roleArn: string | undefined,
  application: Application,
): Promise<void> {
  if (roleArn !== undefined && roleArn === application.record.roleArn) {
    throw invalid("roleArn", "Member must name another role than that of the application");
  }
  const service = "qbusiness.amazonaws.com";
  await checkPassedRole(call, { roleArn, service, applicationArn: application.arn });
}

type Ids = {
  readonly applicationId: string;
  readonly indexId: string;
  readonly dataSourceId: string;
};

/** The data source of a path, for calls that need all of the path in use. */
export async function requireActiveDataSource(call: Call, ids: Ids): Promise<DataSource> {
  const { applicationId, indexId, dataSourceId } = ids;
  await requireActiveApplication(call, applicationId);
  requireActive(await requireResource(call, "index", indexId, { applicationId }));
  const under = { applicationId, indexId };
  const source = await requireResource<DataSourceRecord>(call, "dataSource", dataSourceId, under);
  requireActive(source);
  return source;
}

/** The data source of a path, for reading. */
export async function requireDataSource(call: Call, ids: Ids): Promise<DataSource> {
  const { applicationId, indexId, dataSourceId } = ids;
  await requireResource(call, "application", applicationId, { applicationId });
  await requireResource(call, "index", indexId, { applicationId });
  return requireResource<DataSourceRecord>(call, "dataSource", dataSourceId, {
    applicationId,
    indexId,
  });
}

/** What is kept of a data source, dates in it as dates again. */
export function recordOf({ record }: DataSource): DataSourceRecord {
  const enrichment = record.documentEnrichmentConfiguration;
  if (enrichment === undefined) return record;
  return { ...record, documentEnrichmentConfiguration: reviveEnrichment(enrichment) };
}
