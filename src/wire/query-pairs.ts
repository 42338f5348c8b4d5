import { queryError, type QueryError } from "./query-errors.ts";

const pairsMax = 5000;
const nameLengthMax = 512;
const depthMax = 12;

/** The parameters of a query request by the parts of their dotted names. */
export type QueryNode = {
  text: string | undefined;
  readonly children: Map<string, QueryNode>;
};

/**
 * Reads `A=1&B.member.1=x` into a tree. Names and values are form-encoded: a plus is a space. A
 * name that stands twice is refused, for two readers would read two different requests.
 *
 * @throws QueryError MalformedQueryString.
 */
export function parseQueryPairs(texts: readonly string[]): QueryNode {
  const root = emptyNode();
  let count = 0;
  for (const text of texts) {
    if (text === "") continue;
    for (const pair of text.split("&", pairsMax + 1)) {
      if (pair === "") continue;
      count += 1;
      if (count > pairsMax) throw malformed(`it has more than ${pairsMax} parameters`);
      const equals = pair.indexOf("=");
      const name = formDecode(equals === -1 ? pair : pair.slice(0, equals));
      put(root, name, equals === -1 ? "" : formDecode(pair.slice(equals + 1)));
    }
  }
  return root;
}

function put(root: QueryNode, name: string, value: string): void {
  if (name.length > nameLengthMax) {
    throw malformed(`a parameter's name is longer than ${nameLengthMax} characters`);
  }
  const parts = name.split(".");
  if (parts.length > depthMax) throw malformed(`a parameter has more than ${depthMax} parts`);
  let node = root;
  for (const part of parts) {
    const known = node.children.get(part);
    const next = known ?? emptyNode();
    if (known === undefined) node.children.set(part, next);
    node = next;
  }
  if (node.text !== undefined) throw malformed("a parameter stands twice");
  node.text = value;
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (error) {
    if (error instanceof URIError) throw malformed("an escape is broken or no UTF-8");
    throw error;
  }
}

function malformed(detail: string): QueryError {
  return queryError("MalformedQueryString", `The query string contains a syntax error: ${detail}.`);
}

function emptyNode(): QueryNode {
  return { text: undefined, children: new Map() };
}
