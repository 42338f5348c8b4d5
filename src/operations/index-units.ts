import type { IndexType } from "../contract/contract.ts";
import { apiError } from "../wire/wire.ts";
import type { Call } from "./call.ts";

/**
 * Checks the units of an index ("Amazon Q Business index types", user guide: up to 5 for STARTER,
 * up to 50 for ENTERPRISE).
 *
 * @throws ServiceQuotaExceededException above that.
 */
export function checkUnits(call: Call, type: IndexType, units: number): number {
  const max =
    type === "STARTER" ? call.quotas.unitsPerStarterIndex : call.quotas.unitsPerEnterpriseIndex;
  if (units > max) {
    throw apiError("ServiceQuotaExceededException", {
      message: `An index of type ${type} has at most ${max} units, not ${units}.`,
      resourceId: type,
      resourceType: "index",
    });
  }
  return units;
}
