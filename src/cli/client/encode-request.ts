import {
  type InputOf,
  type MemberContract,
  type MemberType,
  type OperationName,
  operations,
  structureOf,
} from "../../contract/contract.ts";

/** A request before it is signed. */
export type EncodedRequest = {
  readonly method: string;
  readonly rawTarget: string;
  readonly body: Buffer;
  /** Whether it may be sent again when nobody knows what became of it. */
  readonly isRepeatable: boolean;
};

/**
 * Encodes an operation's input as the contract says: labels into the path, members `in: query` into
 * the query string, the rest into a JSON body. Fills in an idempotency token that is missing.
 * Source: "AWS restJson1 protocol", Smithy.
 */
export function encodeRequest<Name extends OperationName>(
  name: Name,
  input: InputOf<Name>,
  newToken: () => string,
): EncodedRequest {
  const operation = operations[name];
  const { members } = structureOf(operation.input);
  const values: Record<string, unknown> = { ...input };
  const token = Object.keys(members).find((member) => members[member]?.token === true);
  if (token !== undefined) values[token] ??= newToken();
  const isRepeatable =
    operation.readonly === true || operation.method === "DELETE" || token !== undefined;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, label: string) =>
    percentEncode(String(values[label] ?? "")),
  );
  const query = [
    ...(operation.query === undefined ? [] : [operation.query]),
    ...Object.entries(members).flatMap(([at, member]) => queryPairs(at, member, values[at])),
  ];
  const inBody = Object.entries(members).filter(([, member]) => member.in === undefined);
  const fields = inBody.flatMap(([at, { type }]) =>
    values[at] === undefined ? [] : [[at, encodeValue(type, values[at])] as const],
  );
  return {
    method: operation.method,
    rawTarget: query.length === 0 ? path : `${path}?${query.join("&")}`,
    body:
      inBody.length === 0 ? Buffer.of() : Buffer.from(JSON.stringify(Object.fromEntries(fields))),
    isRepeatable,
  };
}

function queryPairs(name: string, member: MemberContract, value: unknown): readonly string[] {
  if (member.in !== "query" || value === undefined) return [];
  // A list repeats its key.
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  const key = percentEncode(member.as ?? name);
  return items.map((item) => {
    const text = item instanceof Date ? item.toISOString() : String(item);
    return `${key}=${percentEncode(text)}`;
  });
}

/** A value of the contract's type as JSON holds it. */
function encodeValue(type: MemberType, value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (type === "document" || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const item = typeof type === "object" && "list" in type ? type.list : "document";
    return value.map((each: unknown) => encodeValue(item, each));
  }
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([at, each]) => [at, encodeValue(typeAt(type, at), each)]));
}

function typeAt(type: MemberType, member: string): MemberType {
  if (typeof type === "object" && "map" in type) return type.map;
  if (typeof type === "object" && "shape" in type) {
    return structureOf(type.shape).members[member]?.type ?? "document";
  }
  return "document";
}

/** Percent-encodes all but the unreserved characters (RFC 3986), as signatures do. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
