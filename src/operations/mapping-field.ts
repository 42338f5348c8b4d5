import type { JsonValue } from "../contract/contract.ts";
import { resources, type WriteTransaction } from "../store/store.ts";
import type { Call } from "./call.ts";
import type { IndexRecord } from "./index-record.ts";

/** The field that the S3 connector's default mapping fills, made where an index lacks it. */
export const defaultMappingField = "s3_document_id";

/**
 * Whether a connector brings the default mapping. In the older template it is one of those that are
 * written down; the newer one has no other. Source: "Amazon S3 data source connector field mappings".
 */
export function mapsObjectKeys(type: string, configuration: JsonValue): boolean {
  if (type === "S3V2") return true;
  return type === "S3" && JSON.stringify(configuration).includes(`"${defaultMappingField}"`);
}

/** Makes the index's field for the default mapping where the data source brings it. */
export async function addMappingField(
  call: Pick<Call, "now">,
  trx: WriteTransaction,
  source: { readonly type: string; readonly configuration: JsonValue; readonly indexId: string },
): Promise<void> {
  const { type, configuration, indexId } = source;
  if (!mapsObjectKeys(type, configuration)) return;
  const index = await resources.find<IndexRecord>(trx, "index", indexId);
  if (index === undefined) return;
  const { attributes } = index.record;
  if (attributes.some((field) => field.name === defaultMappingField)) return;
  const field = { name: defaultMappingField, type: "STRING", search: "ENABLED" } as const;
  const record: IndexRecord = { ...index.record, attributes: [...attributes, field] };
  await resources.update(trx, indexId, { record, at: call.now });
}
