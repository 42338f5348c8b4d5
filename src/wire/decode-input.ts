import { operations, structureOf } from "../contract/contract.ts";
import type { InputOf, MemberContract, MemberType, OperationName } from "../contract/contract.ts";
import { cannotParse } from "./errors.ts";
import { collectIssues } from "./issues.ts";
import type { Issues } from "./issues.ts";
import { parseJsonObject } from "./json.ts";
import type { Route } from "./route.ts";
import type { Decode } from "./scalar-decoder.ts";
import { parseIsoTimestamp } from "./timestamp.ts";
import { membersDecoder, valueDecoder } from "./value-decoder.ts";

/** What `route` found, and the bytes of the body. */
export type RawInput = Pick<Route, "labels" | "query" | "isMalformed"> & {
  readonly body: Uint8Array;
};

type Part = (raw: RawInput, result: Record<string, unknown>, issues: Issues) => void;

const plans = new Map<OperationName, readonly Part[]>();

/**
 * Decodes and validates the input of an operation. The input of `Chat` comes without its stream:
 * see `decodeChatInputEvent`. Throws ValidationException: reason CANNOT_PARSE for a broken target
 * or body, FIELD_VALIDATION_FAILED with one field for each member that breaks its contract.
 * Source: API reference, the constraints of each operation and data type.
 */
export function decodeInput<Name extends OperationName>(
  operation: Name,
  raw: RawInput,
): InputOf<Name> {
  if (raw.isMalformed) throw cannotParse("The request target holds a broken percent escape.");
  const issues = collectIssues();
  const result: Record<string, unknown> = {};
  for (const part of planOf(operation)) part(raw, result, issues);
  const error = issues.toError();
  if (error !== undefined) throw error;
  return result as InputOf<Name>;
}

function planOf(operation: OperationName): readonly Part[] {
  let plan = plans.get(operation);
  if (plan === undefined) {
    plan = compile(operations[operation].input);
    plans.set(operation, plan);
  }
  return plan;
}

function compile(name: string): readonly Part[] {
  const { members, required } = structureOf(name);
  const inBody = Object.keys(members).filter((member) => members[member]?.in === undefined);
  const parts: Part[] = [];
  for (const [member, contract] of Object.entries(members)) {
    const decode = valueDecoder(contract.type, `${name}.${member}`);
    if (contract.in === "path") parts.push(labelPart(member, decode));
    if (contract.in === "query") {
      parts.push(queryPart(member, contract, decode, required.includes(member)));
    }
  }
  // An operation without body members has no body to look at, whatever is sent.
  if (inBody.length > 0) {
    const decodeBody = membersDecoder(name, inBody);
    parts.push(({ body }, result, issues) => {
      Object.assign(result, decodeBody(parseJsonObject(body), "", issues));
    });
  }
  return parts;
}

function labelPart(member: string, decode: Decode): Part {
  return ({ labels }, result, issues) => {
    const text = labels[member] ?? "";
    // An empty segment names nothing, also where the model has no shortest length.
    if (text === "") issues.add(member, "Member must have length greater than or equal to 1");
    else result[member] = decode(text, member, issues);
  };
}

function queryPart(
  member: string,
  { type, as: key = member }: MemberContract,
  decode: Decode,
  isRequired: boolean,
): Part {
  const isList = typeof type === "object" && "list" in type;
  const read = textReader(isList ? type.list : type);
  return ({ query }, result, issues) => {
    const texts = query.get(key);
    if (texts === undefined) {
      if (isRequired) issues.add(member, "Member must not be null");
    } else if (isList) {
      result[member] = decode(texts.map(read), member, issues);
    } else if (texts.length > 1) {
      issues.add(member, "Member must be given once");
    } else {
      result[member] = decode(read(texts[0] ?? ""), member, issues);
    }
  };
}

/**
 * Reads text of the query string as the JSON value that a body would hold, so that both share
 * their checks. Text that is no such value is left as it is: the decoder then names the type.
 */
function textReader(type: MemberType): (text: string) => unknown {
  switch (type) {
    case "number":
      return (text) => (/^-?\d{1,19}$/.test(text) ? Number(text) : text);
    case "boolean":
      return (text) => (text === "true" ? true : text === "false" ? false : text);
    case "timestamp":
      return (text) => {
        const time = parseIsoTimestamp(text);
        return time === undefined ? text : time.getTime() / 1000;
      };
    default:
      return (text) => text;
  }
}
