import type { Span } from "./json-reader.ts";

/** Access Analyzer's types, and QUARRY for checks it lacks. */
export type FindingType = "ERROR" | "SECURITY_WARNING" | "WARNING" | "SUGGESTION" | "QUARRY";

/** Something a policy's author should look at. */
export interface Finding {
  readonly type: FindingType;
  /** Access Analyzer's check title in upper snake case, or a code of ours. */
  readonly code: string;
  readonly detail: string;
  readonly span: Span;
}

export function finding(
  type: FindingType,
  code: string,
  place: { readonly span: Span },
  detail: string,
): Finding {
  return { type, code, detail, span: place.span };
}
