import type { Log } from "../core/log.ts";
import { type AccessRefusal, callerName } from "../identity/identity.ts";
import type { InvokeContext } from "./invoke-context.ts";

const changesMax = 5;
const changeLengthMax = 500;
/** What an outside party presents to prove who it is is no matter for a log. */
const untold = /externalid/i;

/**
 * Writes down why policies refused a call, for `quarry policy explain`. The caller is told less:
 * which policy is near to allowing is the owner's business. No input and no credential is among it.
 */
export function recordDenial(
  log: Log,
  { requestId, caller }: Pick<InvokeContext, "requestId" | "caller">,
  refusal: AccessRefusal,
): void {
  const { action, message, decision } = refusal;
  const changes = refusal.changes().filter((change) => !untold.test(change));
  log("info", "access.denied", {
    requestId,
    caller: callerName(caller),
    action,
    resource: decision.resource,
    decision: decision.decision,
    policyType: decision.policyType,
    reason: message,
    statements: statementsOf(decision),
    changes: changes
      .slice(0, changesMax)
      .map((change) => change.slice(0, changeLengthMax))
      .join("\n"),
  });
}

/** `QuarryWeb:12:4 DenyAll`, one a line: a policy's name, line (from one), column (from zero). */
function statementsOf({ because }: AccessRefusal["decision"]): string {
  const lines = because.map((ground) => {
    if (ground.policyType === "grant") return `grant ${ground.grantId}`;
    const { policy, line, column, sid = "" } = ground.statement;
    return `${policy}:${line}:${column} ${sid}`.trimEnd();
  });
  return lines.join("\n");
}
