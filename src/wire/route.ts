import { isOperationName, operations } from "../contract/contract.ts";
import type { OperationName } from "../contract/contract.ts";
import { percentDecode } from "./percent.ts";

/** Key -> values in the order of the query string. */
export type Query = ReadonlyMap<string, readonly string[]>;

/** Which operation a request is for, with what its target says. */
export type Route = {
  readonly operation: OperationName;
  /** Label -> text, decoded once. */
  readonly labels: Readonly<Record<string, string>>;
  readonly query: Query;
  /** The target holds a broken percent escape; `decodeInput` refuses it. */
  readonly isMalformed: boolean;
};

/** One path segment. No place of the API takes both literals and a label (asserted below). */
type Node = {
  readonly literals: Map<string, Node>;
  label?: Node;
  readonly ends: Map<string, readonly End[]>;
};
type End = { readonly operation: OperationName; readonly labels: readonly string[]; key?: string };

const targetLengthMax = 64 * 1024;
const noQuery: Query = new Map();
const root = buildTree();

/**
 * Finds the operation of a request by its method and raw target (path and query as received).
 * The path is compared segment by segment before anything is decoded, so `%2F` and `..` inside a
 * label stay what they are. `ChatSync` is `Chat` with the query key `sync`, with or without `=`.
 * Undefined when no operation has this path. Source: API reference, "Request Syntax" of each page.
 */
export function route(method: string, rawTarget: string): Route | undefined {
  if (rawTarget.length > targetLengthMax || !rawTarget.startsWith("/")) return undefined;
  const mark = rawTarget.indexOf("?");
  const path = mark < 0 ? rawTarget : rawTarget.slice(0, mark);
  const raw: string[] = [];
  let node: Node = root;
  for (let start = 1; start <= path.length;) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    const segment = path.slice(start, end);
    const next = node.literals.get(segment) ?? node.label;
    if (next === undefined) return undefined;
    if (next === node.label) raw.push(segment);
    node = next;
    start = end + 1;
    // A slash at the end begins one more, empty segment.
    if (slash < 0) break;
  }
  const ends = node.ends.get(method);
  if (ends === undefined) return undefined;
  const { query, isMalformed } = mark < 0 ? emptyQuery : parseQuery(rawTarget.slice(mark + 1));
  const found = ends.find(({ key }) => key === undefined || query.has(key));
  return found && { operation: found.operation, ...readLabels(found, raw, isMalformed), query };
}

function readLabels(end: End, raw: readonly string[], isMalformedQuery: boolean) {
  const labels: Record<string, string> = {};
  let isMalformed = isMalformedQuery;
  for (const [index, name] of end.labels.entries()) {
    const text = percentDecode(raw[index] ?? "");
    isMalformed ||= text === undefined;
    labels[name] = text ?? "";
  }
  return { labels, isMalformed };
}

const emptyQuery = { query: noQuery, isMalformed: false };

function parseQuery(text: string): { readonly query: Query; readonly isMalformed: boolean } {
  const query = new Map<string, string[]>();
  let isMalformed = false;
  for (const part of text.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const key = percentDecode(equals < 0 ? part : part.slice(0, equals));
    const value = percentDecode(equals < 0 ? "" : part.slice(equals + 1));
    if (key === undefined || value === undefined) {
      isMalformed = true;
      continue;
    }
    const values = query.get(key);
    if (values === undefined) query.set(key, [value]);
    else values.push(value);
  }
  return { query, isMalformed };
}

function buildTree(): Node {
  const tree = newNode();
  for (const [name, { method, path, query }] of Object.entries(operations)) {
    if (!isOperationName(name)) continue;
    const labels: string[] = [];
    let node = tree;
    for (const segment of path.slice(1).split("/")) {
      const label = /^\{(\w+)\}$/.exec(segment)?.[1];
      if (label === undefined) node = getOrAdd(node.literals, segment);
      else node = node.label ??= newNode();
      if (label !== undefined) labels.push(label);
    }
    const end: End = { operation: name, labels, ...(query === undefined ? {} : { key: query }) };
    // Those with a query key come first, for the others would match as well.
    const others = node.ends.get(method) ?? [];
    node.ends.set(method, query === undefined ? [...others, end] : [end, ...others]);
  }
  assertUnambiguous(tree);
  return tree;
}

function assertUnambiguous(node: Node): void {
  const children = [...node.literals.values(), ...(node.label === undefined ? [] : [node.label])];
  if (node.label !== undefined && children.length > 1) {
    throw new Error("The contract has a path segment that is both a literal and a label.");
  }
  for (const child of children) assertUnambiguous(child);
}

function newNode(): Node {
  return { literals: new Map(), ends: new Map() };
}

function getOrAdd(nodes: Map<string, Node>, segment: string): Node {
  const node = nodes.get(segment) ?? newNode();
  nodes.set(segment, node);
  return node;
}
