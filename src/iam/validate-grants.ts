// Checks of what a statement grants: dead grants, missing limits, redundancy.

import { actionMatches, compileAction } from "./action-pattern.ts";
import { arnVerdict, compileArnPattern } from "./arn-pattern.ts";
import { splitArn } from "./arn.ts";
import { type Finding, finding } from "./finding.ts";
import type { Policy, Statement, Text } from "./policy.ts";
import { actionFacts, resourceTypeOf } from "./resource-table.ts";
import { actionsAsOf, namesNoAction } from "./service-actions.ts";

export function grantFindings(statement: Statement, policy: Policy): readonly Finding[] {
  return [
    ...unknownActions(statement),
    ...resourceForms(statement),
    ...deadGrants(statement),
    ...missingParents(statement),
    ...tagChecks(statement),
    ...starGrants(statement),
    ...openServicePrincipals(statement, policy),
    ...redundancy(statement.actions, "REDUNDANT_ACTION", actionCover),
    ...redundancy(statement.resources ?? [], "REDUNDANT_RESOURCE", arnCover),
  ];
}

function unknownActions({ actions }: Statement): readonly Finding[] {
  return actions.flatMap((action) => {
    if (!namesNoAction(action.text)) return [];
    const detail = `there is no action ${action.text} (service reference of ${actionsAsOf})`;
    return [finding("ERROR", "INVALID_ACTION", action, detail)];
  });
}

function isPattern(text: string): boolean {
  return text.includes("*") || text.includes("?");
}

/** Region and account have forms; `{{region}}` of a template has not. */
function resourceForms({ resources = [] }: Statement): readonly Finding[] {
  return resources.flatMap((resource) => {
    const parts = splitArn(resource.text);
    if (parts === undefined) return [];
    const [, , , region, account, path] = parts;
    const found: Finding[] = [];
    const report = (code: string, text: string): void => {
      found.push(finding("ERROR", code, resource, `"${text}" cannot stand in an ARN`));
    };
    if (!onlyOf(region, "abcdefghijklmnopqrstuvwxyz0123456789-*?"))
      report("INVALID_ARN_REGION", region);
    const isAwsOwned = account === "aws";
    if (!isAwsOwned && !onlyOf(account, "0123456789*?")) report("INVALID_ARN_ACCOUNT", account);
    if (path.includes("[[") || path.includes("{{")) report("INVALID_ARN_RESOURCE", path);
    return found;
  });
}

function onlyOf(text: string, characters: string): boolean {
  return [...text].every((char) => characters.includes(char));
}

/** Lists that make more pairs than this are not compared: nobody writes them by hand. */
const pairsMax = 10_000;

/** Resources that some action of the statement can never meet. */
function deadGrants({
  actions,
  resources = [],
  effect,
  isNotAction,
}: Statement): readonly Finding[] {
  if (effect === "Deny" || isNotAction || actions.length * resources.length > pairsMax) return [];
  return resources.flatMap((resource) => {
    const named = resourceTypeOf(resource.text);
    if (named === undefined) return [];
    const dead = actions.filter(({ text }) => {
      const facts = actionFacts(text.toLowerCase());
      const isOfService = text.toLowerCase().startsWith(`${named.service}:`);
      return facts !== undefined && isOfService && !facts.resourceTypes.includes(named.type);
    });
    // A list of actions over a list of resources is fine as long as each resource serves one.
    const isUseless = dead.length === actions.length;
    const wrong = named.service === "ec2" ? dead.length > 0 : isUseless;
    if (!wrong) return [];
    const names = dead.map(({ text }) => text).join(", ");
    const detail = `${names} never has a resource of type ${named.type}`;
    return [finding("QUARRY", "RESOURCE_NOT_APPLICABLE", resource, detail)];
  });
}

/** Types the service reference wants beside the one that is granted. */
function missingParents({
  actions,
  resources = [],
  effect,
  isNotResource,
}: Statement): readonly Finding[] {
  if (effect === "Deny" || isNotResource) return [];
  const named = new Set(resources.map(({ text }) => resourceTypeOf(text)?.type));
  if (named.has(undefined)) return [];
  return actions.flatMap((action) => {
    const required = actionFacts(action.text.toLowerCase())?.required ?? [];
    const missing = required.filter((type) => !named.has(type));
    if (missing.length === 0 || missing.length === required.length) return [];
    const detail = `the service reference also wants ${missing.join(", ")} for ${action.text}`;
    return [finding("QUARRY", "REQUIRED_RESOURCE_TYPE_MISSING", action, detail)];
  });
}

function tagChecks(statement: Statement): readonly Finding[] {
  const { actions, conditions, effect } = statement;
  if (effect === "Deny") return [];
  const requestTag = conditions.find(({ key }) => key.toLowerCase().startsWith("aws:requesttag/"));
  const keys = new Set(conditions.map(({ key }) => key.toLowerCase()));
  const found: Finding[] = [];
  for (const action of actions) {
    const lower = action.text.toLowerCase();
    if (requestTag !== undefined && actionFacts(lower)?.takesRequestTags === false) {
      const detail = `${action.text} never carries ${requestTag.key}, so this grants nothing`;
      found.push(finding("ERROR", "UNSUPPORTED_ACTION_FOR_CONDITION_KEY", action, detail));
    }
    if (lower !== "ec2:createtags" || !keys.has("ec2:createaction") || keys.has("aws:tagkeys"))
      continue;
    if (requestTag !== undefined) continue;
    const detail = "any tag can be put on while creating; limit aws:TagKeys";
    found.push(finding("QUARRY", "TAG_ON_CREATE_WITHOUT_TAGKEYS", action, detail));
  }
  return found;
}

const starChecks = [
  { action: "iam:passrole", code: "PASS_ROLE_WITH_STAR_IN_RESOURCE", limit: "iam:passedtoservice" },
  {
    action: "iam:createservicelinkedrole",
    code: "CREATE_SLR_WITH_STAR_IN_RESOURCE",
    limit: "iam:awsservicename",
  },
] as const;

function starGrants({
  actions,
  resources = [],
  effect,
  conditions,
}: Statement): readonly Finding[] {
  const star = resources.find(({ text }) => text === "*");
  if (effect === "Deny" || star === undefined) return [];
  return starChecks.flatMap(({ action, code, limit }) => {
    const isNamed = actions.some(({ text }) => text.toLowerCase() === action);
    const isLimited = conditions.some(({ key }) => key.toLowerCase() === limit);
    if (!isNamed || isLimited) return [];
    return [finding("SECURITY_WARNING", code, star, `${action} on every role; name the roles`)];
  });
}

/** Keys that say for whom a service acts. */
const sourceKeys = new Set([
  "aws:sourcearn",
  "aws:sourceaccount",
  "aws:sourceorgid",
  "aws:sourceorgpaths",
]);

function openServicePrincipals(
  { principals = [], effect, conditions }: Statement,
  policy: Policy,
): readonly Finding[] {
  if (policy.kind !== "trust" || effect === "Deny") return [];
  if (conditions.some(({ key }) => sourceKeys.has(key.toLowerCase()))) return [];
  return principals
    .filter(({ key }) => key === "Service")
    .map((service) => {
      const detail = `${service.text} may act for anybody; add aws:SourceArn and aws:SourceAccount`;
      return finding("SECURITY_WARNING", "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", service, detail);
    });
}

/** More entries than this are not compared with each other. */
const comparedMax = 100;

/** Compiles an entry with wildcards into a test of what it covers. */
type Cover = (wide: string) => (narrow: string) => boolean;

function redundancy(entries: readonly Text[], code: string, cover: Cover): readonly Finding[] {
  if (entries.length > comparedMax) return [];
  const wide = entries.map(({ text }, at) => ({
    at,
    text,
    covers: isPattern(text) ? cover(text) : undefined,
  }));
  return entries.flatMap((entry, at) => {
    const other = wide.find((one) =>
      one.text === entry.text ? one.at < at : one.covers?.(entry.text) === true,
    );
    if (other === undefined) return [];
    return [finding("SUGGESTION", code, entry, `"${other.text}" covers it already`)];
  });
}

const actionCover: Cover = (wide) => {
  const pattern = compileAction(wide.toLowerCase());
  return (narrow) => actionMatches(pattern, narrow.toLowerCase());
};

const arnCover: Cover = (wide) => {
  const own = (text: string): string => text;
  const pattern = compileArnPattern(wide, { variables: true, variablesIn: "resource", own });
  return (narrow) => arnVerdict(pattern, narrow, () => undefined) === true;
};
