// A policy document after parsing: checked against the grammar, every text with its place.

import type { Span } from "./json-reader.ts";

/** Where a policy is used decides which elements it may have. */
export type PolicyKind =
  | "identity"
  | "boundary"
  | "session"
  | "trust"
  | "resource"
  | "key"
  | "scp"
  | "rcp"
  | "endpoint";

export type PolicyVersion = "2008-10-17" | "2012-10-17";

export interface Text {
  readonly text: string;
  readonly span: Span;
}

/** One entry of a Principal element: `{ key: "AWS", text: "111122223333" }`; `"*"` has key AWS. */
export interface PrincipalEntry extends Text {
  readonly key: "AWS" | "Service" | "Federated" | "CanonicalUser";
}

export interface ConditionEntry {
  /** As written: `ForAllValues:StringEqualsIfExists`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly Text[];
  readonly span: Span;
}

export interface Statement {
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  readonly principals?: readonly PrincipalEntry[];
  readonly isNotPrincipal: boolean;
  readonly actions: readonly Text[];
  readonly isNotAction: boolean;
  /** Absent in trust policies: the resource is the role itself. */
  readonly resources?: readonly Text[];
  readonly isNotResource: boolean;
  readonly conditions: readonly ConditionEntry[];
  readonly span: Span;
}

export interface Policy {
  readonly kind: PolicyKind;
  /** A missing Version means the rules of 2008-10-17. */
  readonly version: PolicyVersion;
  readonly isVersionStated: boolean;
  readonly id?: string;
  readonly statements: readonly Statement[];
  /** The document as it was written; positions refer to it. */
  readonly text: string;
}
