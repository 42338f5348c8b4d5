// Text to policy: size, characters, JSON, grammar, and the service's own write-time checks.

import {
  type Fault,
  type FaultList,
  faultList,
  firstFault,
  memberOf,
  syntaxMessage,
} from "./fault.ts";
import { type JsonNode, readJson } from "./json-reader.ts";
import { parseStatement } from "./parse-statement.ts";
import type { Policy, PolicyKind, PolicyVersion, Statement } from "./policy.ts";
import { needsNewVersion } from "./policy-kinds.ts";

export interface ParseOptions {
  readonly kind: PolicyKind;
  /**
   * Takes identity policies of 2008-10-17 or without Version, which IAM refuses today but still
   * evaluates where they exist. For simulation and import.
   */
  readonly takesOldVersions?: boolean;
}

/** Why the service would refuse the document. */
export interface PolicyRefusal {
  readonly code: "MalformedPolicyDocument" | "ValidationError";
  /** In the service's wording. */
  readonly message: string;
  /** Every fault found, both of a pair of commas too. */
  readonly faults: readonly Fault[];
}

export type PolicyParsing =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly refusal: PolicyRefusal };

/** The cap the IAM API puts on every policy document, in characters. */
export const documentCharactersMax = 131_072;

/**
 * Parses a policy document as IAM would on write, or says why IAM would refuse it, in its wording
 * and with the place of every fault. Sources: "Grammar of the IAM JSON policy language" and "IAM
 * and AWS STS quotas" in the IAM user guide.
 *
 *     parsePolicy('{"Version":"2012-10-17",,"Statement":[]}', { kind: "identity" })
 *     // { ok: false, refusal: { code: "MalformedPolicyDocument",
 *     //   message: "Syntax errors in policy.", faults: [{ span: { start: 24, … } }, …] } }
 */
export function parsePolicy(text: string, options: ParseOptions): PolicyParsing {
  const { policy, faults, code } = readPolicy(text, options);
  const first = firstFault(faults);
  if (first === undefined && policy !== undefined) return { ok: true, policy };
  return { ok: false, refusal: { code, message: first?.message ?? syntaxMessage, faults } };
}

/** A document as far as it could be understood, with everything IAM would refuse. */
export interface PolicyReading {
  readonly policy: Policy | undefined;
  readonly faults: readonly Fault[];
  readonly code: PolicyRefusal["code"];
}

/** Like `parsePolicy`, for checks that have something to say about faulty documents too. */
export function readPolicy(text: string, options: ParseOptions): PolicyReading {
  const unfit = sizeOrCharacterFault(text);
  if (unfit !== undefined) return { policy: undefined, faults: [unfit], code: "ValidationError" };
  const list = faultList();
  const { root, faults } = readJson(text);
  for (const { message: detail, span } of faults) {
    const issueCode = "JSON_SYNTAX_ERROR";
    list.add({ stage: "json", issueCode, message: syntaxMessage, detail, span });
  }
  const policy = root && parseDocument(root, { ...options, text, list });
  return { policy, faults: list.faults, code: "MalformedPolicyDocument" };
}

function sizeOrCharacterFault(text: string): Fault | undefined {
  const refused =
    "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: ";
  const fault = (constraint: string, detail: string, at: number): Fault => ({
    stage: "json",
    issueCode: "JSON_SYNTAX_ERROR",
    message: refused + constraint,
    detail,
    span: { start: at, end: at + 1 },
  });
  if (text.length === 0) {
    return fault("Member must have length greater than or equal to 1", "the document is empty", 0);
  }
  if (text.length > documentCharactersMax) {
    const limit = `Member must have length less than or equal to ${documentCharactersMax}`;
    return fault(limit, `the document has ${text.length} characters`, documentCharactersMax);
  }
  for (let at = 0; at < text.length; at += 1) {
    if (isAllowed(text.charCodeAt(at))) continue;
    const pattern =
      "Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+";
    return fault(pattern, "the document has a character outside of Latin-1", at);
  }
  return undefined;
}

function isAllowed(code: number): boolean {
  return (code >= 0x20 && code <= 0xff) || code === 0x09 || code === 0x0a || code === 0x0d;
}

interface Source extends ParseOptions {
  readonly text: string;
  readonly list: FaultList;
}

function parseDocument(root: JsonNode, source: Source): Policy | undefined {
  const { kind, text, list } = source;
  if (root.type !== "object") {
    list.syntax("JSON_SYNTAX_ERROR", "a policy is a JSON object", root);
    return undefined;
  }
  for (const { name, nameSpan } of root.members) {
    if (name === "Version" || name === "Id" || name === "Statement") continue;
    const hint = isBareStatement(root)
      ? '; wrap the statement: {"Version": …, "Statement": [ … ]}'
      : "";
    list.syntax("INVALID_POLICY_ELEMENT", `a policy has no element "${name}"${hint}`, {
      span: nameSpan,
    });
  }
  const id = memberOf(root, "Id");
  if (id !== undefined && id.type !== "string") {
    list.syntax("INVALID_ID", "Id must be a string", id);
  }
  const version = parseVersion(root, source);
  const statements = parseStatements(root, version, source);
  const idText = id?.type === "string" ? { id: id.text } : {};
  const isVersionStated = memberOf(root, "Version") !== undefined;
  return { kind, version, isVersionStated, statements, text, ...idText };
}

function isBareStatement(root: JsonNode): boolean {
  return memberOf(root, "Effect") !== undefined && memberOf(root, "Statement") === undefined;
}

function parseVersion(root: JsonNode, { kind, takesOldVersions, list }: Source): PolicyVersion {
  const mustBeNew = needsNewVersion(kind) && takesOldVersions !== true;
  const node = memberOf(root, "Version");
  const message = "Policy document must be version 2012-10-17 or greater.";
  if (node === undefined) {
    if (mustBeNew) {
      const detail = 'Version is missing; write "Version": "2012-10-17"';
      const span = { start: root.span.start, end: root.span.start + 1 };
      list.add({
        stage: "version",
        issueCode: "MISSING_VERSION",
        message,
        detail,
        span,
        findingType: "WARNING",
      });
    }
    return "2008-10-17";
  }
  const text = node.type === "string" ? node.text : undefined;
  if (text === "2012-10-17") return text;
  if (text !== "2008-10-17") {
    list.syntax("INVALID_VERSION", "Version must be 2012-10-17 or 2008-10-17", node);
  } else if (mustBeNew) {
    list.add({
      stage: "version",
      issueCode: "INVALID_VERSION",
      message,
      detail: message,
      span: node.span,
    });
  }
  return "2008-10-17";
}

function parseStatements(
  root: JsonNode,
  version: PolicyVersion,
  source: Source,
): readonly Statement[] {
  const { kind, list } = source;
  const node = memberOf(root, "Statement");
  if (node === undefined) {
    list.syntax("MISSING_STATEMENT", "Statement is missing", {
      span: { ...root.span, end: root.span.start + 1 },
    });
    return [];
  }
  const nodes = node.type === "array" ? node.items : [node];
  if (nodes.length === 0) list.syntax("MISSING_STATEMENT", "Statement has no entry", node);
  const sids = new Set<string>();
  return nodes.flatMap((item) => {
    const statement = parseStatement(item, { kind, variables: version === "2012-10-17", list });
    if (statement === undefined) return [];
    if (statement.sid !== undefined && statement.sid !== "" && sids.has(statement.sid)) {
      const message = "Statement IDs (SID) in a single policy must be unique.";
      list.add({
        stage: "sid",
        issueCode: "UNIQUE_SIDS_REQUIRED",
        message,
        detail: message,
        span: statement.span,
      });
    }
    sids.add(statement.sid ?? "");
    return [statement];
  });
}
