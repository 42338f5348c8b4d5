// The plain twin of the engine, written from the specification's rules and nothing else: no
// compiling, no index, no sharing of code. Slow and obvious; the tests hold the engine against it.

import type {
  Many,
  PlainAnswer,
  PlainDocument,
  PlainPolicies,
  PlainPrincipal,
  PlainRequest,
  PlainStatement,
} from "./plain-types.ts";
import { arnLike, conditionFits, filled, like, listOf } from "./plain-values.ts";

/** What the specification says about one action on one resource. */
export function plainEvaluate(request: PlainRequest, policies: PlainPolicies): PlainAnswer {
  const { principal } = request;
  const hasAccount = principal.account !== undefined;
  const isLinked = (principal.behind ?? "").includes(":role/aws-service-role/");
  const ofCaller = hasAccount
    ? [policies.identity, policies.boundary, policies.session].map((layer) => layer ?? [])
    : [];
  const scps = hasAccount && !isLinked ? (policies.scp ?? []) : [];
  const rcps = isLinked ? [] : (policies.rcp ?? []);
  const everything = [
    ...ofCaller,
    ...scps,
    ...rcps,
    policies.resource ?? [],
    policies.endpoint ?? [],
  ];
  if (everything.flat().some((document) => matching(document, "Deny", request).length > 0)) {
    return "explicitDeny";
  }
  return plainGrants(request, policies, scps) ? "allow" : "implicitDeny";
}

function plainGrants(
  request: PlainRequest,
  policies: PlainPolicies,
  scps: readonly (readonly PlainDocument[])[],
): boolean {
  const { principal, action, resource } = request;
  const allowed = (documents: readonly PlainDocument[]): boolean =>
    documents.some((document) => matching(document, "Allow", request).length > 0);
  if (!scps.every(allowed)) return false;
  if (policies.endpoint && !allowed(policies.endpoint)) return false;

  const isAssume = action.toLowerCase().startsWith("sts:") && resource.includes(":role/");
  const isKeyUse = action.toLowerCase().startsWith("kms:") && resource.includes(":key/");
  const mustBeNamed = isAssume || isKeyUse;
  if (isAssume && principal.kind === "root") return false;
  const namings = (policies.resource ?? [])
    .flatMap((document) => matching(document, "Allow", request))
    .flatMap((statement) => namingsOf(statement.Principal, principal));
  const isNamed = namings.length > 0;
  if (principal.account === undefined) return isNamed;

  const limits =
    (!policies.boundary || allowed(policies.boundary)) &&
    (!policies.session || allowed(policies.session));
  const mayByItself =
    principal.kind === "root" ||
    (allowed(policies.identity ?? []) &&
      limits &&
      (principal.kind !== "federated" || policies.session !== undefined));
  const owner = request.owner ?? accountText(resource);
  const isHome =
    owner === undefined ? policies.resource === undefined : owner === principal.account;
  if (!isHome) return mayByItself && isNamed;
  if (namings.includes("everyone") || namings.includes("self")) return true;
  if (namings.includes("behind") && limits) return true;
  // What only delegates to the account, and what names nobody, leaves it to the caller's policies.
  return mayByItself && (!mustBeNamed || isNamed);
}

function accountText(arn: string): string | undefined {
  const text = arn.split(":")[4] ?? "";
  return text.length === 12 && Number.isInteger(Number(text)) ? text : undefined;
}

function matching(
  document: PlainDocument,
  effect: "Allow" | "Deny",
  request: PlainRequest,
): readonly PlainStatement[] {
  const statements = listOf(document.Statement);
  const isNew = document.Version === "2012-10-17";
  return statements.filter(
    (statement) =>
      statement.Effect === effect &&
      actionFits(statement, request.action) &&
      resourceFits(statement, request, isNew) &&
      principalFits(statement, request.principal) &&
      conditionFits(statement, request, isNew),
  );
}

function actionFits(statement: PlainStatement, action: string): boolean {
  const named = (patterns: Many): boolean =>
    listOf(patterns).some((pattern) => like(pattern.toLowerCase(), action.toLowerCase()));
  if (statement.NotAction !== undefined) return !named(statement.NotAction);
  return statement.Action !== undefined && named(statement.Action);
}

function resourceFits(statement: PlainStatement, request: PlainRequest, isNew: boolean): boolean {
  const { resource } = request;
  const fits = (pattern: string): boolean | undefined => {
    if (pattern === "*") return true;
    const whole = filled(pattern, request, isNew);
    return whole === undefined ? undefined : arnLike(whole, resource);
  };
  if (statement.NotResource !== undefined) {
    const results = listOf(statement.NotResource).map(fits);
    if (results.includes(true)) return false;
    return results.includes(undefined) ? statement.Effect === "Deny" : true;
  }
  if (statement.Resource === undefined) return true;
  return listOf(statement.Resource).some((pattern) => fits(pattern) === true);
}

type Naming = "everyone" | "account" | "behind" | "self";

function namingsOf(
  element: PlainStatement["Principal"],
  principal: PlainPrincipal,
): readonly Naming[] {
  if (element === undefined) return ["everyone"];
  if (typeof element === "string") return ["everyone"];
  return Object.entries(element).flatMap(([key, values]) =>
    listOf(values).flatMap((value) => namingOf(key, value, principal)),
  );
}

function namingOf(key: string, value: string, principal: PlainPrincipal): readonly Naming[] {
  const { kind, account, name, behind, id } = principal;
  if (key === "Service") return kind === "service" && name === value ? ["self"] : [];
  if (key === "Federated") return kind === "provider" && name === value ? ["self"] : [];
  if (key !== "AWS") return [];
  if (value === "*") return ["everyone"];
  const rootOf = /^(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?$/.exec(value)?.[1];
  if (rootOf !== undefined) return rootOf === account ? ["account"] : [];
  if (account === undefined || kind === "root") return [];
  if (value === name) return ["self"];
  if (value === behind) return ["behind"];
  if (id === undefined || value !== id) return [];
  return kind === "user" ? ["self"] : kind === "role" ? ["behind"] : [];
}

function principalFits(statement: PlainStatement, principal: PlainPrincipal): boolean {
  if (statement.NotPrincipal !== undefined) {
    if (statement.Effect === "Allow") return false;
    const namings = namingsOf(statement.NotPrincipal, principal);
    if (namings.includes("everyone")) return false;
    const needed: Readonly<Record<PlainPrincipal["kind"], readonly Naming[]>> = {
      user: ["account", "self"],
      role: ["account", "behind", "self"],
      federated: ["account", "self"],
      root: ["account"],
      service: ["self"],
      provider: ["self"],
      anonymous: ["everyone"],
    };
    return !needed[principal.kind].every((naming) => namings.includes(naming));
  }
  return namingsOf(statement.Principal, principal).length > 0;
}
