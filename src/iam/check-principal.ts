import { isAccountId, splitArn } from "./arn.ts";
import { type FaultList, memberOf, syntaxMessage } from "./fault.ts";
import type { JsonMember, JsonNode, Span } from "./json-reader.ts";
import { type StatementRules, textsOf } from "./statement-rules.ts";
import type { PrincipalEntry } from "./policy.ts";
import { kindRules } from "./policy-kinds.ts";

/**
 * Reads Principal or NotPrincipal. An empty principal in any form is refused: read as "no
 * restriction" it would open the role or the resource to everyone.
 */
export function parsePrincipals(
  statement: JsonNode,
  rules: StatementRules,
  effect: "Allow" | "Deny",
): readonly PrincipalEntry[] | undefined {
  const { kind, list } = rules;
  const negated = memberOf(statement, "NotPrincipal");
  const node = memberOf(statement, "Principal") ?? negated;
  if (kindRules[kind].principal === "forbidden") {
    if (node === undefined) return undefined;
    const message = "Policy document should not specify a principal.";
    list.add({
      stage: "principal",
      issueCode: "UNSUPPORTED_PRINCIPAL",
      message,
      detail: message,
      span: node.span,
    });
    return undefined;
  }
  if (node === undefined) {
    const span = { start: statement.span.start, end: statement.span.start + 1 };
    list.syntax("MISSING_PRINCIPAL", "Principal is missing", { span });
    return [];
  }
  if (negated !== undefined) checkNotPrincipal(negated, rules, effect);
  const entries = readPrincipals(node, rules);
  if (kind === "rcp") checkRcp(entries, effect, node, list);
  return entries;
}

function checkNotPrincipal(node: JsonNode, { kind, list }: StatementRules, effect: string): void {
  if (kind === "trust") {
    const issueCode = "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL";
    const message = "Has prohibited field NotPrincipal";
    list.add({ stage: "principal", issueCode, message, detail: message, span: node.span });
  } else if (effect === "Allow") {
    const detail = "NotPrincipal with Allow grants to everyone else, strangers included";
    const issueCode = "ALLOW_WITH_NOTPRINCIPAL";
    const fault = { stage: "grammar", issueCode, message: syntaxMessage, detail } as const;
    list.add({ ...fault, span: node.span, findingType: "SECURITY_WARNING" });
  }
}

function checkRcp(
  entries: readonly PrincipalEntry[],
  effect: "Allow" | "Deny",
  node: JsonNode,
  list: FaultList,
): void {
  if (effect === "Allow")
    list.syntax("INVALID_EFFECT", "a resource control policy only denies", node);
  if (entries.some(({ key, text }) => key !== "AWS" || text !== "*")) {
    list.syntax("UNSUPPORTED_PRINCIPAL", 'a resource control policy has Principal "*"', node);
  }
}

function readPrincipals(node: JsonNode, rules: StatementRules): readonly PrincipalEntry[] {
  const { list } = rules;
  if (node.type === "string" && node.text === "*")
    return [{ key: "AWS", text: "*", span: node.span }];
  if (node.type !== "object") {
    const issueCode = node.type === "array" ? "EMPTY_ARRAY_PRINCIPAL" : "INVALID_PRINCIPAL";
    refuse(list, "AWS", node.type === "string" ? node.text : "", node.span, issueCode);
    return [];
  }
  if (node.members.length === 0) refuse(list, "AWS", "", node.span, "EMPTY_OBJECT_PRINCIPAL");
  return node.members.flatMap((member) => readMember(member, rules));
}

function readMember(
  { name, nameSpan, value }: JsonMember,
  rules: StatementRules,
): readonly PrincipalEntry[] {
  const { kind, list } = rules;
  const check = isKey(name) ? formats[name] : undefined;
  if (!isKey(name) || check === undefined) {
    refuse(
      list,
      name,
      value.type === "string" ? value.text : "",
      nameSpan,
      "INVALID_PRINCIPAL_KEY",
    );
    return [];
  }
  const texts = textsOf(value, "INVALID_PRINCIPAL", list);
  if (texts.length === 0) refuse(list, name, "", value.span, "EMPTY_ARRAY_PRINCIPAL");
  const isForeign = name === "CanonicalUser" && kind !== "resource";
  for (const { text, span } of texts) {
    if (isForeign || !check(text)) refuse(list, name, text, span, codes[name]);
  }
  return texts.map(({ text, span }) => ({ key: name, text, span }));
}

function refuse(list: FaultList, key: string, value: string, span: Span, issueCode: string): void {
  const message = `Invalid principal in policy: "${key.toUpperCase()}":"${value}"`;
  const way = key === "Service" && value === "" ? "; did you mean qbusiness.amazonaws.com?" : "";
  list.add({ stage: "principal", issueCode, message, detail: message + way, span });
}

type Key = PrincipalEntry["key"];

const codes: Readonly<Record<Key, string>> = {
  AWS: "INVALID_PRINCIPAL",
  Service: "INVALID_SERVICE_PRINCIPAL_FORMAT",
  Federated: "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY",
  CanonicalUser: "UNSUPPORTED_PRINCIPAL",
};

const formats: Readonly<Record<Key, (text: string) => boolean>> = {
  AWS: isAwsPrincipal,
  Service: isServiceName,
  Federated: (text) => text !== "" && !hasWildcard(text) && !text.includes("{"),
  CanonicalUser: (text) => text.length === 64 && onlyOf(text, hexDigits),
};

function isKey(name: string): name is Key {
  return Object.hasOwn(formats, name);
}

const hexDigits = "0123456789abcdef";
const upperAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const nameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-.";

function onlyOf(text: string, characters: string): boolean {
  return [...text].every((char) => characters.includes(char));
}

function hasWildcard(text: string): boolean {
  return text.includes("*") || text.includes("?");
}

function isServiceName(text: string): boolean {
  const isSuffixed = text.endsWith(".amazonaws.com") || text.endsWith(".amazonaws.com.cn");
  return (
    isSuffixed && !text.startsWith(".") && !text.includes("..") && onlyOf(text, nameCharacters)
  );
}

/** `*`, an account, or the ARN or unique id of one user, role or session. */
function isAwsPrincipal(text: string): boolean {
  if (text === "*" || isAccountId(text)) return true;
  if (!text.includes(":"))
    return text.length >= 16 && text.length <= 128 && onlyOf(text, upperAndDigits);
  const parts = splitArn(text);
  if (parts === undefined || hasWildcard(text)) return false;
  const [arn, partition, service, region, account, resource] = parts;
  if (arn !== "arn" || !partition.startsWith("aws") || region !== "" || !isAccountId(account)) {
    return false;
  }
  const [kind = "", ...names] = resource.split("/");
  if (service === "iam" && resource === "root") return true;
  if (names.length === 0 || names.some((name) => name === "")) return false;
  if (service === "iam") return kind === "user" || kind === "role";
  if (service !== "sts") return false;
  return (
    (kind === "assumed-role" && names.length === 2) ||
    (kind === "federated-user" && names.length === 1)
  );
}
