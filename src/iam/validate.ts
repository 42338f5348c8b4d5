// What an author should know about a document, beyond what IAM refuses.

import type { Fault } from "./fault.ts";
import { type Finding, type FindingType, finding } from "./finding.ts";
import { type JsonNode, readJson } from "./json-reader.ts";
import { type ParseOptions, readPolicy } from "./parse-policy.ts";
import type { Policy, Statement } from "./policy.ts";
import { type Range, placesIn, rangeOf } from "./position.ts";
import { countedCharacters, defaultQuotas } from "./quotas.ts";
import { conditionFindings } from "./validate-conditions.ts";
import { grantFindings } from "./validate-grants.ts";

/** A finding with its place as line and column. */
export interface PolicyFinding {
  readonly type: FindingType;
  readonly code: string;
  readonly detail: string;
  readonly range: Range;
}

const findingsMax = 500;

/**
 * Checks a policy document as IAM Access Analyzer's ValidatePolicy does, with its types and codes
 * as far as the policies of this service need them, and with checks of ours (type QUARRY). What
 * IAM would refuse comes first. Source: "Access Analyzer policy check reference".
 */
export function validatePolicy(text: string, options: ParseOptions): readonly PolicyFinding[] {
  const { policy, faults } = readPolicy(text, options);
  const ofFaults = faults.map(findingOf);
  const all = policy === undefined ? ofFaults : [...ofFaults, ...findingsOf(policy)];
  const placeholders = placeholderFindings(text);
  const places = placesIn(text);
  return unique([...all, ...placeholders])
    .slice(0, findingsMax)
    .map(({ type, code, detail, span }) => ({ type, code, detail, range: rangeOf(places, span) }));
}

function findingOf({ findingType, issueCode, detail, span }: Fault): Finding {
  return { type: findingType ?? "ERROR", code: issueCode, detail, span };
}

function findingsOf(policy: Policy): readonly Finding[] {
  return [
    ...documentFindings(policy),
    ...policy.statements.flatMap((statement) => [
      ...variableFindings(statement, policy),
      ...conditionFindings(statement),
      ...grantFindings(statement, policy),
    ]),
    ...redundantStatements(policy),
  ];
}

function documentFindings({ text, kind, isVersionStated }: Policy): readonly Finding[] {
  const start = { span: { start: 0, end: 1 } };
  const found: Finding[] = [];
  if (!isVersionStated) {
    const detail = "without Version the rules of 2008-10-17 hold, which know no policy variables";
    found.push(finding("WARNING", "MISSING_VERSION", start, detail));
  }
  const isOfEntity = kind === "identity" || kind === "boundary";
  if (isOfEntity && countedCharacters(text) > defaultQuotas.managedPolicy) {
    const detail = `more than ${defaultQuotas.managedPolicy} characters besides white space`;
    found.push(finding("ERROR", "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", start, detail));
  }
  return found;
}

function variableFindings(statement: Statement, { version }: Policy): readonly Finding[] {
  if (version === "2012-10-17") return [];
  const values = statement.conditions.flatMap((entry) => entry.values);
  return [...(statement.resources ?? []), ...values]
    .filter(({ text }) => text.includes("${"))
    .map((place) => {
      const detail = "a policy variable is plain text here; write Version 2012-10-17";
      return finding("WARNING", "VARIABLE_UNSUPPORTED_IN_VERSION", place, detail);
    });
}

function redundantStatements({ statements }: Policy): readonly Finding[] {
  const seen = new Set<string>();
  return statements.flatMap((statement) => {
    const meaning = JSON.stringify(statement, (key, value: unknown) =>
      key === "span" || key === "sid" ? undefined : value,
    );
    const isRepeated = seen.has(meaning);
    seen.add(meaning);
    const detail = "another statement says the same";
    return isRepeated ? [finding("SUGGESTION", "REDUNDANT_STATEMENT", statement, detail)] : [];
  });
}

/** `{{x}}` and `[[x]]`: what a template wants filled in. */
function placeholderFindings(text: string): readonly Finding[] {
  const { root } = readJson(text);
  return root === undefined ? [] : stringsOf(root).flatMap(placeholderIn);
}

type JsonString = Extract<JsonNode, { text: string }>;

function stringsOf(node: JsonNode): readonly JsonString[] {
  if (node.type === "object") return node.members.flatMap(({ value }) => stringsOf(value));
  if (node.type === "array") return node.items.flatMap(stringsOf);
  return node.type === "string" ? [node] : [];
}

function placeholderIn(node: JsonString): readonly Finding[] {
  const names = [
    ...placeholdersOf(node.text, "{{", "}}"),
    ...placeholdersOf(node.text, "[[", "]]"),
  ];
  if (names.length === 0) return [];
  const all = [...new Set(names)].join(", ");
  return [finding("QUARRY", "UNRESOLVED_PLACEHOLDER", node, `fill in ${all}`)];
}

function placeholdersOf(text: string, open: string, close: string): readonly string[] {
  const names: string[] = [];
  for (let at = text.indexOf(open); at >= 0;) {
    const end = text.indexOf(close, at);
    if (end < 0) break;
    names.push(text.slice(at, end + close.length));
    at = text.indexOf(open, end + close.length);
  }
  return names;
}

/** Two ways of reading may find the same thing. */
function unique(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, span }) => {
    const name = code === "MISSING_VERSION" ? code : `${code} ${span.start}`;
    const isNew = !seen.has(name);
    seen.add(name);
    return isNew;
  });
}
