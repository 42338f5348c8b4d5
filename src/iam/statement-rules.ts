import type { FaultList } from "./fault.ts";
import type { JsonNode, Span } from "./json-reader.ts";
import type { PolicyKind, Text } from "./policy.ts";

/** What the checks of one statement need to know about its document. */
export interface StatementRules {
  readonly kind: PolicyKind;
  readonly variables: boolean;
  readonly list: FaultList;
}

/** A string or a list of strings; anything else is reported and left out. */
export function textsOf(node: JsonNode, issueCode: string, list: FaultList): readonly Text[] {
  const items = node.type === "array" ? node.items : [node];
  return items.flatMap((item) => {
    if (item.type === "string") return [{ text: item.text, span: item.span }];
    list.syntax(issueCode, "a string or a list of strings is expected", item);
    return [];
  });
}

/** The place of a node's first character: where something is missing. */
export function opening(node: JsonNode): { readonly span: Span } {
  return { span: { start: node.span.start, end: node.span.start + 1 } };
}
