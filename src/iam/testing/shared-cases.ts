// The project's shared decision cases, turned into requests. The folder may be absent.

import { existsSync, readFileSync } from "node:fs";
import type { CompiledPolicy } from "../compile.ts";
import type { ContextInput } from "../context.ts";
import type { KeyGrant } from "../key-grant.ts";
import type { PolicyKind } from "../policy.ts";
import { principalFromArn } from "../principal.ts";
import type { AuthorizationRequest, PolicySet } from "../request.ts";
import { compiled } from "./policies.ts";

export interface DecisionCase {
  readonly id: string;
  readonly group: string;
  readonly request: {
    readonly principal: string;
    readonly action: string;
    readonly resource?: string;
    readonly resourceAccount?: string;
    readonly resources?: readonly { arn: string; account?: string; context?: ContextInput }[];
    readonly context: Readonly<Record<string, string | readonly string[]>>;
  };
  readonly policies: {
    readonly identity?: readonly object[];
    readonly resource?: object;
    readonly boundary?: readonly object[];
    readonly session?: object | readonly object[];
    readonly scp?: readonly (readonly object[])[];
    readonly rcp?: readonly (readonly object[])[];
    readonly grants?: readonly KeyGrant[];
  };
  readonly expect: "Allow" | "ImplicitDeny" | "ExplicitDeny";
  readonly why: string;
  readonly basis?: "inferred" | "disputed";
}

/** The parsed file, or undefined where the shared folder is absent. */
export function readShared(name: string): unknown {
  const file = new URL(`../../../../shared/data/iam/${name}`, import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

export function requestOf({ request }: DecisionCase): AuthorizationRequest {
  const { context, action } = request;
  const roleArn = context["aws:PrincipalArn"];
  const hints = typeof roleArn === "string" ? { roleArn } : {};
  const principal = principalFromArn(request.principal, hints);
  if (principal === undefined) throw new Error(`no principal: ${request.principal}`);
  const account = request.resourceAccount;
  const single = { arn: request.resource ?? "*", ...(account === undefined ? {} : { account }) };
  return { principal, action, resources: request.resources ?? [single], context };
}

export function policiesOf({ request, policies }: DecisionCase): PolicySet {
  const layer = (documents: object | readonly object[], kind: PolicyKind): CompiledPolicy[] =>
    (Array.isArray(documents) ? documents : [documents]).map((one) => compiled(one, kind));
  const { identity, resource, boundary, session, scp, rcp, grants } = policies;
  const resourceKind = request.action.startsWith("sts:") ? "trust" : "resource";
  return {
    ...(identity && { identity: layer(identity, "identity") }),
    ...(resource && { resource: layer(resource, resourceKind) }),
    ...(boundary && { boundary: layer(boundary, "boundary") }),
    ...(session && { session: layer(session, "session") }),
    ...(scp && { scp: scp.map((level) => layer(level, "scp")) }),
    ...(rcp && { rcp: rcp.map((level) => layer(level, "rcp")) }),
    ...(grants && { grants }),
  };
}
