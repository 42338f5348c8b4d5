import type { Caller } from "../identity/identity.ts";

/** A service that acts by itself: no policies of its own, only what key policies and grants say. */
export function serviceCaller(service: string, accountId: string): Caller {
  return { principal: { type: "service", service }, accountId, entityId: undefined };
}
