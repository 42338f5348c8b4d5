import { resources, type WriteTransaction } from "../store/store.ts";
import { apiError } from "../wire/wire.ts";
import type { ApplicationRecord } from "./application.ts";
import { arnOf } from "./arns.ts";
import { type Call, within } from "./call.ts";
import { checkDataSource, checkSourceRole, type DataSourceRecord } from "./data-source.ts";
import { once } from "./idempotent.ts";
import type { IndexRecord } from "./index-record.ts";
import { addMappingField } from "./mapping-field.ts";
import { requireActive, requireActiveApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { checkTags, putNewTags } from "./tagging.ts";

/** Connects a repository to an index; it never starts a sync ("CreateDataSource", API reference). */
export const createDataSource: Operation<"CreateDataSource"> = async (input, call) => {
  const { applicationId, indexId, clientToken: token, tags, ...members } = input;
  const application = await requireActiveApplication<ApplicationRecord>(call, applicationId);
  const index = await requireResource<IndexRecord>(call, "index", indexId, { applicationId });
  requireActive(index);
  checkTags(call, tags);
  const type = checkDataSource(members, index.record, call.network);
  const dataSourceId = call.ids.uuid();
  const arn = arnOf(call, { applicationId, indexId, dataSourceId });
  await checkSourceRole(call, input.roleArn, application);
  const record: DataSourceRecord = { applicationId, indexId, ...members, type };
  const request = { operation: "CreateDataSource" as const, token, input };
  return once(call, request, async (trx) => {
    await requireActiveApplication(within(call, trx), applicationId);
    requireActive(await requireResource(within(call, trx), "index", indexId, { applicationId }));
    await checkQuota(call, trx, applicationId);
    await resources.insert(trx, {
      id: dataSourceId,
      accountId: call.caller.accountId,
      kind: "dataSource",
      applicationId,
      indexId,
      arn,
      status: "ACTIVE",
      record,
      at: call.now,
    });
    await putNewTags(trx, arn, tags);
    await addMappingField(call, trx, record);
    return { dataSourceId, dataSourceArn: arn };
  });
};

async function checkQuota(call: Call, trx: WriteTransaction, applicationId: string): Promise<void> {
  const { accountId } = call.caller;
  const count = await resources.count(trx, { accountId, kind: "dataSource", applicationId });
  if (count < call.quotas.dataSourcesPerApplication) return;
  throw apiError("ServiceQuotaExceededException", {
    message: `The application has ${count} data sources, the most it may have. Delete one first.`,
    resourceId: applicationId,
    resourceType: "data-source",
  });
}
