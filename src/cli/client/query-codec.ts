import {
  type QueryAction,
  queryContracts,
  type QueryService,
  queryShapeOf,
} from "../../contract/contract.ts";
import { parseIsoTimestamp } from "../../wire/wire.ts";
import { percentEncode } from "./encode-request.ts";
import { childrenOf, parseXml, textOf, type XmlElement } from "./xml.ts";

/**
 * The form body of a query request: `Action=CreateRole&Version=2010-05-08&RoleName=…`. Source:
 * "Making query requests", IAM user guide.
 */
export function encodeQuery(
  service: QueryService,
  action: QueryAction,
  input: Readonly<Record<string, unknown>>,
): Buffer {
  const { version } = queryContracts[service];
  const pairs = [`Action=${action}`, `Version=${version}`, ...flatten("", input)];
  return Buffer.from(pairs.join("&"));
}

function flatten(path: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, at) => flatten(`${path}.member.${at + 1}`, item));
  }
  if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    const prefix = path === "" ? "" : `${path}.`;
    return Object.entries(value).flatMap(([at, item]) => flatten(prefix + at, item));
  }
  const text = value instanceof Date ? value.toISOString() : String(value);
  return [`${path}=${percentEncode(text)}`];
}

/**
 * Reads the answer to a query request by the contract. Policy documents come percent-encoded and
 * are decoded.
 *
 * @throws SyntaxError for a body that is no such answer.
 */
export function decodeQuery(service: QueryService, action: QueryAction, body: Uint8Array): unknown {
  const root = parseXml(body);
  if (root.name !== `${action}Response`) throw new SyntaxError(`the answer is a ${root.name}`);
  const output = queryContracts[service].operations[action]?.output;
  if (output === undefined) return {};
  const [result] = childrenOf(root, `${action}Result`);
  if (result === undefined) throw new SyntaxError("the answer has no result");
  return decode(service, output, result);
}

/** Code, message and request id of an answer that is an error; undefined when it is none. */
export function decodeQueryError(
  body: Uint8Array,
): { readonly code: string; readonly message: string; readonly requestId: string } | undefined {
  try {
    const root = parseXml(body);
    const [error] = childrenOf(root, "Error");
    if (error === undefined) return undefined;
    const text = (of: XmlElement, name: string): string => {
      const [child] = childrenOf(of, name);
      return child === undefined ? "" : textOf(child);
    };
    const requestId = text(root, "RequestId");
    return { code: text(error, "Code"), message: text(error, "Message"), requestId };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function decode(service: QueryService, name: string, element: XmlElement): unknown {
  const shape = queryShapeOf(service, name);
  switch (shape.type) {
    case "structure": {
      const members = Object.entries(shape.members).flatMap(([at, of]) => {
        const [child] = childrenOf(element, at);
        return child === undefined ? [] : [[at, decode(service, of, child)] as const];
      });
      return Object.fromEntries(members);
    }
    case "list":
      return childrenOf(element, "member").map((child) => decode(service, shape.member, child));
    case "map":
      return {};
    case "integer":
      return Number(textOf(element));
    case "boolean":
      return textOf(element) === "true";
    case "timestamp":
      return parseIsoTimestamp(textOf(element));
    default: {
      const text = textOf(element);
      return name === "policyDocumentType" ? decodeURIComponent(text) : text;
    }
  }
}
