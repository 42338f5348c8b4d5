import { resources } from "../store/store.ts";
import { arnOf } from "./arns.ts";
import { within } from "./call.ts";
import { once } from "./idempotent.ts";
import { type IndexRecord, reservedFields } from "./index-record.ts";
import { checkUnits } from "./index-units.ts";
import { requireActiveApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { checkTags, putNewTags } from "./tagging.ts";

/**
 * Makes an index ("CreateIndex", API reference). The real service takes minutes; here it is ACTIVE
 * when the call returns. Without a type it is ENTERPRISE, as the reference says.
 */
export const createIndex: Operation<"CreateIndex"> = async (input, call) => {
  await requireActiveApplication(call, input.applicationId);
  checkTags(call, input.tags);
  const { clientToken: token, tags, capacityConfiguration, ...members } = input;
  const type = input.type ?? "ENTERPRISE";
  const units = checkUnits(call, type, capacityConfiguration?.units ?? 1);
  const record: IndexRecord = { ...members, type, units, attributes: reservedFields };
  const request = { operation: "CreateIndex" as const, token, input };
  return once(call, request, async (trx) => {
    await requireActiveApplication(within(call, trx), input.applicationId);
    const indexId = call.ids.uuid();
    const { applicationId } = input;
    const arn = arnOf(call, { applicationId, indexId });
    await resources.insert(trx, {
      id: indexId,
      accountId: call.caller.accountId,
      kind: "index",
      applicationId,
      indexId: "",
      arn,
      status: "ACTIVE",
      record,
      at: call.now,
    });
    await putNewTags(trx, arn, tags);
    return { indexId, indexArn: arn };
  });
};
