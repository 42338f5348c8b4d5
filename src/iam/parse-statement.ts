import { checkAction } from "./check-action.ts";
import { parseConditions } from "./check-condition.ts";
import { parsePrincipals } from "./check-principal.ts";
import { checkResource } from "./check-resource.ts";
import { type FaultList, memberOf } from "./fault.ts";
import type { JsonNode } from "./json-reader.ts";
import type { Statement, Text } from "./policy.ts";
import { kindRules } from "./policy-kinds.ts";
import { type StatementRules, opening, textsOf } from "./statement-rules.ts";

const elements = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/** Reads one statement, reporting what is wrong with it; undefined when nothing useful is left. */
export function parseStatement(node: JsonNode, rules: StatementRules): Statement | undefined {
  const { list } = rules;
  if (node.type !== "object") {
    list.syntax("INVALID_STATEMENT", "a statement is a JSON object", node);
    return undefined;
  }
  for (const { name, nameSpan } of node.members) {
    if (elements.has(name)) continue;
    list.syntax("INVALID_POLICY_ELEMENT", `a statement has no element "${name}"`, {
      span: nameSpan,
    });
  }
  for (const name of ["Principal", "Action", "Resource"]) {
    const opposite = memberOf(node, `Not${name}`);
    if (opposite === undefined || memberOf(node, name) === undefined) continue;
    const detail = `${name} and Not${name} exclude each other`;
    list.syntax("UNSUPPORTED_ELEMENT_COMBINATION", detail, opposite);
  }
  const effect = parseEffect(node, list);
  const sid = parseSid(node, rules);
  const resources = parseResources(node, rules);
  const principals = parsePrincipals(node, rules, effect);
  return {
    effect,
    ...(sid === undefined ? {} : { sid }),
    ...(principals === undefined ? {} : { principals }),
    isNotPrincipal: memberOf(node, "NotPrincipal") !== undefined,
    actions: parseActions(node, rules),
    isNotAction: memberOf(node, "NotAction") !== undefined,
    ...(resources === undefined ? {} : { resources }),
    isNotResource: memberOf(node, "NotResource") !== undefined,
    conditions: parseConditions(memberOf(node, "Condition"), rules),
    span: node.span,
  };
}

function parseEffect(node: JsonNode, list: FaultList): "Allow" | "Deny" {
  const effect = memberOf(node, "Effect");
  if (effect === undefined) list.syntax("MISSING_EFFECT", "Effect is missing", opening(node));
  else if (effect.type !== "string" || (effect.text !== "Allow" && effect.text !== "Deny")) {
    list.syntax("INVALID_EFFECT", 'Effect must be "Allow" or "Deny", in this spelling', effect);
  } else return effect.text;
  return "Deny";
}

function parseSid(node: JsonNode, { kind, list }: StatementRules): string | undefined {
  const sid = memberOf(node, "Sid");
  if (sid === undefined) return undefined;
  if (sid.type !== "string") {
    list.syntax("INVALID_SID", "Sid must be a string", sid);
    return undefined;
  }
  const isStrict = kindRules[kind].principal === "forbidden" || kind === "trust";
  if (isStrict && ![...sid.text].every((char) => sidCharacters.includes(char))) {
    const rule = "Check that your input satisfies the regular expression [0-9A-Za-z]*";
    const message = `Statement IDs (SID) must be alpha-numeric. ${rule}`;
    list.add({
      stage: "sid",
      issueCode: "UNSUPPORTED_SID",
      message,
      detail: message,
      span: sid.span,
    });
  }
  return sid.text;
}

const sidCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

function parseActions(node: JsonNode, rules: StatementRules): readonly Text[] {
  const { list } = rules;
  const given = memberOf(node, "Action") ?? memberOf(node, "NotAction");
  const actions = given === undefined ? [] : textsOf(given, "INVALID_ACTION", list);
  if (actions.length === 0 || actions.some(({ text }) => text === "")) {
    const message = "Policy statement must contain actions.";
    const issueCode = given === undefined ? "MISSING_ACTION" : "EMPTY_ARRAY_ACTION";
    const span = given?.span ?? opening(node).span;
    list.add({ stage: "contents", issueCode, message, detail: message, span });
  }
  for (const action of actions) if (action.text !== "") checkAction(action, rules);
  return actions;
}

function parseResources(node: JsonNode, rules: StatementRules): readonly Text[] | undefined {
  const { kind, list } = rules;
  const name = memberOf(node, "NotResource") === undefined ? "Resource" : "NotResource";
  const given = memberOf(node, name);
  if (kindRules[kind].resource === "forbidden") {
    if (given === undefined) return undefined;
    const issueCode = "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE";
    const detail = "a trust policy is about its own role: remove the element";
    const message = `Has prohibited field ${name}`;
    list.add({ stage: "contents", issueCode, message, detail, span: given.span });
    return undefined;
  }
  const resources = given === undefined ? [] : textsOf(given, "INVALID_RESOURCE", list);
  if (resources.length === 0 || resources.some(({ text }) => text === "")) {
    const message = "Policy statement must contain resources.";
    const issueCode = given === undefined ? "MISSING_RESOURCE" : "EMPTY_ARRAY_RESOURCE";
    const span = given?.span ?? opening(node).span;
    list.add({ stage: "contents", issueCode, message, detail: message, span });
  }
  for (const resource of resources) if (resource.text !== "") checkResource(resource, rules);
  return resources;
}
