import type { Enrichment } from "./enrich/configuration.ts";
import type { FieldType } from "./enrich/value.ts";
import type { VpcConfiguration } from "../network/network.ts";
import { type Database, type Resource, resources } from "../store/store.ts";

/** What ingestion reads of a stored data source. */
export type SourceRecord = {
  readonly displayName: string;
  readonly type: string;
  readonly configuration: unknown;
  readonly roleArn?: string;
  readonly syncSchedule?: string;
  readonly vpcConfiguration?: VpcConfiguration;
  readonly documentEnrichmentConfiguration?: Enrichment;
};

/** What ingestion reads of a stored index. */
export type IndexFields = {
  readonly units: number;
  readonly attributes: readonly { readonly name: string; readonly type: FieldType }[];
};

/** Types of an index's fields, by name. */
export function fieldTypesOf({ attributes }: IndexFields): ReadonlyMap<string, FieldType> {
  return new Map(attributes.map(({ name, type }) => [name, type]));
}

/** The things above a data source that a sync needs, all in use; undefined once one is going. */
export async function findSyncParts(
  db: Database,
  dataSourceId: string,
): Promise<
  | {
      readonly source: Resource<SourceRecord>;
      readonly index: Resource<IndexFields>;
      readonly application: Resource<unknown>;
    }
  | undefined
> {
  const source = await resources.find<SourceRecord>(db.read, "dataSource", dataSourceId);
  if (source?.status !== "ACTIVE") return undefined;
  const index = await resources.find<IndexFields>(db.read, "index", source.indexId);
  const application = await resources.find<unknown>(db.read, "application", source.applicationId);
  if (index?.status !== "ACTIVE" || application?.status !== "ACTIVE") return undefined;
  return { source, index, application };
}

/**
 * Whether copies of an application's documents are kept for GetDocumentContent. Nobody may call that
 * for an anonymous application, and an application stays what it was made as.
 */
export async function keepsCopies(db: Database, applicationId: string): Promise<boolean> {
  type Record = { readonly identityType: string };
  const application = await resources.find<Record>(db.read, "application", applicationId);
  return application !== undefined && application.record.identityType !== "ANONYMOUS";
}
