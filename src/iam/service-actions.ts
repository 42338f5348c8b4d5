// The actions of services that policies around this one speak of, by the public service reference.

import { actionMatches, compileAction } from "./action-pattern.ts";
import { qbusinessActions } from "./qbusiness-actions.ts";
import table from "./service-actions.json" with { type: "json" };

/** Day of the service reference that the names are from, `2026-09-26`. */
export const actionsAsOf: string = table.asOf;

const texts: Readonly<Record<string, string>> = table.actions;
const known = new Map<string, ReadonlySet<string>>();

/** Names in lower case; undefined for services that are not known here. */
function actionsOf(service: string): ReadonlySet<string> | undefined {
  const found = known.get(service);
  if (found !== undefined) return found;
  const names =
    service === "qbusiness"
      ? [...qbusinessActions.keys()]
      : Object.hasOwn(texts, service)
        ? texts[service]?.split(" ")
        : undefined;
  if (names === undefined) return undefined;
  // Split at the first need: most processes never validate a policy.
  const set = new Set(names.map((name) => name.toLowerCase()));
  known.set(service, set);
  return set;
}

/**
 * Whether an action, or a pattern of actions, names nothing that its service has. False for services
 * that are not known here, and for patterns that stand for several services.
 */
export function namesNoAction(action: string): boolean {
  const lower = action.toLowerCase();
  const colon = lower.indexOf(":");
  const service = lower.slice(0, Math.max(colon, 0));
  const names = actionsOf(service);
  // Variables are a fault of another kind.
  if (names === undefined || lower.includes("${")) return false;
  const name = lower.slice(colon + 1);
  if (!/[*?]/.test(name)) return !names.has(name);
  const pattern = compileAction(lower);
  return ![...names].some((each) => actionMatches(pattern, `${service}:${each}`));
}
