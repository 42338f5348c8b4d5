// What the plain evaluator reads: documents as written, a request as the specification words it.

export interface PlainDocument {
  readonly Version?: string;
  readonly Statement: PlainStatement | readonly PlainStatement[];
}

export type Many = string | readonly string[];

export interface PlainStatement {
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: string | Readonly<Record<string, Many>>;
  readonly NotPrincipal?: string | Readonly<Record<string, Many>>;
  readonly Action?: Many;
  readonly NotAction?: Many;
  readonly Resource?: Many;
  readonly NotResource?: Many;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, PlainValues>>>>;
}

export type PlainValue = string | number | boolean;
export type PlainValues = PlainValue | readonly PlainValue[];

export interface PlainPrincipal {
  readonly kind: "user" | "role" | "federated" | "root" | "service" | "provider" | "anonymous";
  readonly account?: string;
  /** ARN of the user, the session or the root; name of a service or provider. */
  readonly name: string;
  /** ARN of the session's role, or of the federated session's user. */
  readonly behind?: string;
  readonly id?: string;
}

export interface PlainRequest {
  readonly principal: PlainPrincipal;
  readonly action: string;
  readonly resource: string;
  readonly owner?: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export interface PlainPolicies {
  readonly identity?: readonly PlainDocument[];
  readonly resource?: readonly PlainDocument[];
  readonly boundary?: readonly PlainDocument[];
  readonly session?: readonly PlainDocument[];
  readonly scp?: readonly (readonly PlainDocument[])[];
  readonly rcp?: readonly (readonly PlainDocument[])[];
  readonly endpoint?: readonly PlainDocument[];
}

export type PlainAnswer = "allow" | "implicitDeny" | "explicitDeny";
