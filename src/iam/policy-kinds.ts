// Which elements each kind of policy may and must have.

import type { PolicyKind } from "./policy.ts";

interface KindRules {
  readonly principal: "forbidden" | "required";
  readonly resource: "forbidden" | "required";
  readonly newVersion: boolean;
}

const ofEntity: KindRules = { principal: "forbidden", resource: "required", newVersion: true };
const ofResource: KindRules = { principal: "required", resource: "required", newVersion: false };

/** Source: "Policies and permissions in IAM", and the pages on SCPs and RCPs of Organizations. */
export const kindRules: Readonly<Record<PolicyKind, KindRules>> = {
  identity: ofEntity,
  boundary: ofEntity,
  session: ofEntity,
  scp: ofEntity,
  trust: { ...ofResource, resource: "forbidden" },
  resource: ofResource,
  key: ofResource,
  endpoint: ofResource,
  rcp: { ...ofResource, newVersion: true },
};

export function needsNewVersion(kind: PolicyKind): boolean {
  return kindRules[kind].newVersion;
}
