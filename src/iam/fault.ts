// What is wrong with a policy document: the service's own message for the caller, a code and a
// place for tools.

import type { JsonNode, Span } from "./json-reader.ts";

/** Stages of the service's own checking; a fault of an earlier stage hides later messages. */
const stages = [
  "json",
  "grammar",
  "version",
  "principal",
  "vendor",
  "contents",
  "resource",
  "sid",
] as const;

export type Stage = (typeof stages)[number];

export interface Fault {
  readonly stage: Stage;
  /** An issue code of IAM Access Analyzer's policy check reference. */
  readonly issueCode: string;
  /** The service's wording, where it is known. */
  readonly message: string;
  /** What is wrong in our words, and the way out. */
  readonly detail: string;
  readonly span: Span;
  /** Set where Access Analyzer only warns about what is refused on write. */
  readonly findingType?: "WARNING" | "SECURITY_WARNING";
}

export const syntaxMessage = "Syntax errors in policy.";

/** The fault whose message the service would answer. */
export function firstFault(faults: readonly Fault[]): Fault | undefined {
  let first: Fault | undefined;
  for (const fault of faults) {
    if (first === undefined || stages.indexOf(fault.stage) < stages.indexOf(first.stage)) {
      first = fault;
    }
  }
  return first;
}

/** Collects faults while a document is read. */
export interface FaultList {
  readonly faults: Fault[];
  readonly syntax: (issueCode: string, detail: string, node: { readonly span: Span }) => void;
  readonly add: (fault: Fault) => void;
}

const faultsMax = 200;

export function faultList(): FaultList {
  const faults: Fault[] = [];
  const add = (fault: Fault): void => {
    if (faults.length < faultsMax) faults.push(fault);
  };
  return {
    faults,
    add,
    syntax: (issueCode, detail, node) =>
      add({ stage: "grammar", issueCode, message: syntaxMessage, detail, span: node.span }),
  };
}

/** The member of an object, or undefined. */
export function memberOf(node: JsonNode, name: string): JsonNode | undefined {
  if (node.type !== "object") return undefined;
  return node.members.find((member) => member.name === name)?.value;
}
