import {
  isQueryAction,
  type QueryAction,
  queryContracts,
  type QueryService,
  type QueryShape,
} from "../contract/contract.ts";
import { boundsFault, readInteger, textFault } from "./query-checks.ts";
import { queryError } from "./query-errors.ts";
import { inputShapeOf } from "./query-newer-shapes.ts";
import { parseQueryPairs, type QueryNode } from "./query-pairs.ts";
import { parseIsoTimestamp } from "./timestamp.ts";

const faultsMax = 50;
const shownLengthMax = 256;
const itemsMax = 1000;

/** A request of a query service: the input is of the action's type, every limit checked. */
export type QueryRequest = {
  readonly service: QueryService;
  readonly action: QueryAction;
  readonly input: Readonly<Record<string, unknown>>;
};

/**
 * Reads a request of the AWS query protocol: form-encoded parameters in the query string, the
 * body, or both ("Making query requests", IAM User Guide). Parameters that the action does not
 * have are passed over, as the service does.
 *
 * @throws QueryError MalformedQueryString, MissingAction, InvalidAction or ValidationError.
 */
export function decodeQueryRequest(
  service: QueryService,
  request: { readonly query: string; readonly body: Uint8Array },
): QueryRequest {
  const root = parseQueryPairs([request.query, bodyText(request.body)]);
  const action = root.children.get("Action")?.text;
  if (action === undefined || action === "") {
    throw queryError("MissingAction", "The request is missing an action.");
  }
  const { version, operations } = queryContracts[service];
  const named = root.children.get("Version")?.text;
  if (named !== version || !isQueryAction(service, action)) {
    const shown = named === undefined || named === "" ? "NO_VERSION_SPECIFIED" : shorten(named);
    const message = `Could not find operation ${shorten(action)} for version ${shown}`;
    throw queryError("InvalidAction", message);
  }
  const shape = operations[action]?.input;
  if (shape === undefined) return { service, action, input: {} };
  const reader = createReader(service);
  const input = reader.read(root, shape, "") as Readonly<Record<string, unknown>>;
  const { faults } = reader;
  if (faults.length > 0) {
    const count = `${faults.length} validation error${faults.length === 1 ? "" : "s"} detected: `;
    throw queryError("ValidationError", count + faults.join("; "));
  }
  return { service, action, input };
}

/** Signatures cover bytes; bytes that are no UTF-8 are no parameters. */
function bodyText(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const message = "The query string contains a syntax error: its bytes are no UTF-8.";
    throw queryError("MalformedQueryString", message);
  }
}

type Reader = {
  readonly faults: readonly string[];
  readonly read: (node: QueryNode, shape: string, path: string) => unknown;
};

function createReader(service: QueryService): Reader {
  const faults: string[] = [];
  const fault = (value: string | undefined, path: string, constraint: string): undefined => {
    if (faults.length >= faultsMax) return undefined;
    const shown = value === undefined ? "Value" : `Value ${value}`;
    faults.push(`${shown} at '${path}' failed to satisfy constraint: ${constraint}`);
    return undefined;
  };

  const read = (node: QueryNode, name: string, path: string): unknown => {
    const shape = inputShapeOf(service, name);
    if (shape.type === "structure") return readStructure(node, shape, path);
    if (shape.type === "list") return readList(node, shape, path);
    if (shape.type === "map") throw new Error(`No input has a map, but ${name} is one.`);
    if (node.text === undefined) return fault(undefined, path, "Member must be a single value");
    const value = readScalar(node.text, shape);
    if (!("fault" in value)) return value.value;
    const shown = shape.sensitive === true ? undefined : `'${shorten(node.text)}'`;
    return fault(shown, path, value.fault);
  };

  const readStructure = (
    node: QueryNode,
    { members, required }: Extract<QueryShape, { type: "structure" }>,
    path: string,
  ): Readonly<Record<string, unknown>> => {
    const values: [string, unknown][] = [];
    for (const [member, shape] of Object.entries(members)) {
      const child = node.children.get(member);
      const at = (path === "" ? "" : `${path}.`) + lowerFirst(member);
      if (child !== undefined) values.push([member, read(child, shape, at)]);
      else if (required.includes(member)) fault("null", at, "Member must not be null");
    }
    return Object.fromEntries(values);
  };

  const readList = (
    node: QueryNode,
    { member, length }: Extract<QueryShape, { type: "list" }>,
    path: string,
  ): readonly unknown[] | undefined => {
    const items = itemsOf(node);
    if (items === undefined) return fault(undefined, path, "Member must be a list: .member.N");
    const wrongLength =
      boundsFault(items.length, length, "Member must have length") ??
      boundsFault(items.length, [null, itemsMax], "Member must have length");
    if (wrongLength !== undefined) return fault(undefined, path, wrongLength);
    return items.map((item, index) => read(item, member, `${path}.${index + 1}.member`));
  };

  return { faults, read };
}

/** The entries of `X.member.N` by number; an empty list travels as `X=`. */
function itemsOf(node: QueryNode): readonly QueryNode[] | undefined {
  const member = node.children.get("member");
  if (member === undefined) {
    return node.children.size === 0 && node.text === "" ? [] : undefined;
  }
  if (node.text !== undefined || node.children.size > 1 || member.text !== undefined) {
    return undefined;
  }
  const entries = [...member.children];
  if (!entries.every(([index]) => /^[1-9]\d{0,8}$/.test(index))) return undefined;
  return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);
}

function readScalar(
  text: string,
  shape: Exclude<QueryShape, { type: "structure" | "list" | "map" }>,
): { readonly value: unknown } | { readonly fault: string } {
  switch (shape.type) {
    case "string": {
      const fault = textFault(text, shape);
      return fault === undefined ? { value: text } : { fault };
    }
    case "enum":
      if (shape.values.includes(text)) return { value: text };
      return { fault: `Member must satisfy enum value set: [${shape.values.join(", ")}]` };
    case "integer": {
      const read = readInteger(text, shape.range);
      return typeof read === "number" ? { value: read } : { fault: read };
    }
    case "boolean":
      if (text === "true" || text === "false") return { value: text === "true" };
      return { fault: "Member must satisfy enum value set: [true, false]" };
    default: {
      const value = parseIsoTimestamp(text);
      return value === undefined ? { fault: "Member must be an ISO 8601 time" } : { value };
    }
  }
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** What came in is repeated so far as it helps, never at any length. */
function shorten(text: string): string {
  if (text.length <= shownLengthMax) return text;
  return `${text.slice(0, shownLengthMax).toWellFormed()}…`;
}
