import { resources } from "../store/store.ts";
import type { ApplicationRecord } from "./application.ts";
import { changedMembers } from "./changed-members.ts";
import {
  checkDataSource,
  checkSourceRole,
  type DataSourceRecord,
  recordOf,
  requireActiveDataSource,
} from "./data-source.ts";
import type { IndexRecord } from "./index-record.ts";
import { addMappingField } from "./mapping-field.ts";
import { invalid, requireApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/**
 * Changes the members that the call brings; a configuration replaces the stored one as a whole,
 * and its type is fixed ("UpdateDataSource", API reference). Takes effect with the next sync.
 */
export const updateDataSource: Operation<"UpdateDataSource"> = async (input, call) => {
  const { applicationId, indexId, dataSourceId, ...changes } = input;
  const source = await requireActiveDataSource(call, input);
  const changed = changedMembers(changes);
  const index = await requireResource<IndexRecord>(call, "index", indexId, { applicationId });
  // Its zone may be gone since, which is no reason to refuse it another name.
  const { vpcConfiguration: _before, ...before } = recordOf(source);
  const type = checkDataSource({ ...before, ...changed }, index.record, call.network);
  if (type !== source.record.type) {
    throw invalid(
      "configuration",
      `The type of a data source is fixed; this one is of type ${source.record.type}, not ${type}`,
    );
  }
  const application = await requireApplication<ApplicationRecord>(call, applicationId);
  await checkSourceRole(call, changes.roleArn, application);
  await call.db.write(async (trx) => {
    const current = await resources.find<DataSourceRecord>(trx, "dataSource", dataSourceId);
    if (current?.status !== "ACTIVE" || current.indexId !== indexId) return;
    const record: DataSourceRecord = { ...current.record, ...changed };
    await resources.update(trx, dataSourceId, { record, at: call.now });
    await addMappingField(call, trx, record);
  });
  return {};
};
