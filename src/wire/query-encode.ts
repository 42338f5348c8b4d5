import {
  type QueryAction,
  queryContracts,
  type QueryService,
  queryShapeOf,
} from "../contract/contract.ts";
import { toQueryError } from "./query-errors.ts";

/** What goes back to the client of a query service. */
export type EncodedQueryAnswer = {
  readonly status: number;
  /** Lower-case names, as HTTP/2 demands. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** The shape whose texts answers carry percent-encoded (RFC 3986), for clients decode them. */
const encodedShape = "policyDocumentType";

/**
 * The XML of an action's output: `<CreateRoleResponse><CreateRoleResult>…`. An action without
 * output answers its request id alone. A value that is not of the contract's type is a bug.
 */
export function encodeQueryAnswer(
  { service, action }: { readonly service: QueryService; readonly action: QueryAction },
  output: unknown,
  requestId: string,
): EncodedQueryAnswer {
  const { namespace, operations } = queryContracts[service];
  const shape = operations[action]?.output;
  const result =
    shape === undefined ? "" : element(`${action}Result`, encode(service, shape, output));
  const metadata = element("ResponseMetadata", element("RequestId", escapeXml(requestId)));
  const body = `<${action}Response xmlns="${namespace}">${result}${metadata}</${action}Response>`;
  return answer(200, body, requestId);
}

/**
 * The answer to a request that failed. What is no `QueryError` is a bug of ours: the client learns
 * the request id and nothing else.
 */
export function encodeQueryError(
  error: unknown,
  { service, requestId }: { readonly service: QueryService; readonly requestId: string },
): EncodedQueryAnswer {
  const { code, status, message } = toQueryError(error, requestId);
  const parts = [
    element("Type", status >= 500 ? "Receiver" : "Sender"),
    element("Code", code),
    element("Message", escapeXml(message)),
  ];
  const inside = element("Error", parts.join("")) + element("RequestId", escapeXml(requestId));
  const { namespace } = queryContracts[service];
  const body = `<ErrorResponse xmlns="${namespace}">${inside}</ErrorResponse>`;
  return answer(status, body, requestId);
}

function answer(status: number, xml: string, requestId: string): EncodedQueryAnswer {
  return {
    status,
    headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
    body: Buffer.from(`${xml}\n`),
  };
}

function encode(service: QueryService, name: string, value: unknown): string {
  const shape = queryShapeOf(service, name);
  switch (shape.type) {
    case "structure": {
      const values = value as Readonly<Record<string, unknown>>;
      const members = Object.entries(shape.members).filter(([at]) => values[at] !== undefined);
      return members.map(([at, of]) => element(at, encode(service, of, values[at]))).join("");
    }
    case "list": {
      const items = value as readonly unknown[];
      return items.map((item) => element("member", encode(service, shape.member, item))).join("");
    }
    case "map": {
      const entries = Object.entries(value as Readonly<Record<string, unknown>>);
      const encoded = entries.map(([key, item]) => {
        const inside = element("value", encode(service, shape.value, item));
        return element("entry", element("key", escapeXml(key)) + inside);
      });
      return encoded.join("");
    }
    case "timestamp":
      return `${(value as Date).toISOString().slice(0, 19)}Z`;
    case "string":
      return name === encodedShape ? percentEncode(value as string) : escapeXml(value as string);
    default:
      return escapeXml(String(value));
  }
}

function element(name: string, inside: string): string {
  return inside === "" ? `<${name}/>` : `<${name}>${inside}</${name}>`;
}

function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // Parsers turn a bare carriage return into a line feed.
  "\r": "&#13;",
};

/** Text of any characters; those that XML 1.0 cannot hold become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replaceAll(/[&<>"\r]/g, (char) => escapes[char] ?? char);
}
