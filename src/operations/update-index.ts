import type { DocumentAttributeConfiguration } from "../contract/contract.ts";
import { resources } from "../store/store.ts";
import { changedMembers } from "./changed-members.ts";
import type { IndexField, IndexRecord } from "./index-record.ts";
import { checkUnits } from "./index-units.ts";
import { invalid, requireActive, requireActiveApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";

const fieldsMax = 500;
const fieldsAdvised = 50;
const searchableAdvised = 30;

/**
 * Changes names and units, and adds fields or switches their search ("UpdateIndex", API
 * reference). A field, once there, is never removed, renamed or given another type.
 */
export const updateIndex: Operation<"UpdateIndex"> = async (input, call) => {
  const {
    applicationId,
    indexId,
    capacityConfiguration,
    documentAttributeConfigurations,
    ...texts
  } = input;
  await requireActiveApplication(call, applicationId);
  requireActive(await requireResource(call, "index", indexId, { applicationId }));
  const fields = await call.db.write(async (trx) => {
    const index = await resources.find<IndexRecord>(trx, "index", indexId);
    if (index?.status !== "ACTIVE") return [];
    const units = capacityConfiguration?.units;
    const record: IndexRecord = {
      ...index.record,
      ...changedMembers(texts),
      units: units === undefined ? index.record.units : checkUnits(call, index.record.type, units),
      attributes: withFields(index.record.attributes, documentAttributeConfigurations ?? []),
    };
    await resources.update(trx, indexId, { record, at: call.now });
    return documentAttributeConfigurations === undefined ? [] : record.attributes;
  });
  const crowd = crowdOf(fields);
  if (crowd !== undefined) call.log("warn", "index.fields", { indexId, ...crowd });
  return {};
};

/**
 * Counts of fields that the user guide advises against and the API takes ("Document attributes",
 * user guide: up to 50 fields, 30 of them searched; "UpdateIndex", API reference: up to 500).
 */
export function crowdOf(
  fields: readonly Pick<IndexField, "search">[],
): { readonly fields: number; readonly searchable: number } | undefined {
  const searchable = fields.filter(({ search }) => search === "ENABLED").length;
  const isCrowd = fields.length > fieldsAdvised || searchable > searchableAdvised;
  return isCrowd ? { fields: fields.length, searchable } : undefined;
}

function withFields(
  fields: readonly IndexField[],
  changes: readonly DocumentAttributeConfiguration[],
): readonly IndexField[] {
  const byName = new Map(fields.map((field) => [field.name, field]));
  for (const { name, type, search } of changes) {
    if (name === undefined) throw missing("name");
    const before = byName.get(name);
    if (before === undefined && type === undefined) throw missing("type");
    if (before === undefined && name.startsWith("_")) {
      throw invalid(
        "documentAttributeConfigurations",
        `'${name}' is no reserved field; names of own fields must not start with an underscore`,
      );
    }
    if (before !== undefined && type !== undefined && type !== before.type) {
      throw invalid(
        "documentAttributeConfigurations",
        `Field '${name}' has type ${before.type}, which cannot be changed to ${type}`,
      );
    }
    const born: IndexField = before ?? {
      name,
      type: type ?? "STRING",
      search: type === "NUMBER" || type === "DATE" ? "DISABLED" : "ENABLED",
    };
    byName.set(name, { ...born, search: search ?? born.search });
  }
  if (byName.size > fieldsMax) {
    throw invalid("documentAttributeConfigurations", `An index has at most ${fieldsMax} fields`);
  }
  return [...byName.values()];
}

function missing(member: string): Error {
  return invalid(`documentAttributeConfigurations.${member}`, "Member must not be null");
}
