import {
  type MemberType,
  type OperationName,
  operations,
  type OutputOf,
  shapes,
  structureOf,
} from "../../contract/contract.ts";

/**
 * Decodes an operation's output as the contract says: seconds become dates, base64 becomes bytes,
 * members that the contract does not know are left out.
 *
 * @throws SyntaxError for a body that is no JSON.
 */
export function decodeAnswer<Name extends OperationName>(
  name: Name,
  body: Uint8Array,
): OutputOf<Name> {
  const text = Buffer.from(body).toString("utf8");
  const json: unknown = text === "" ? {} : JSON.parse(text);
  return decodeStructure(operations[name].output, json) as OutputOf<Name>;
}

function decodeStructure(name: string, json: unknown): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return {};
  const source = json as Readonly<Record<string, unknown>>;
  const members = Object.entries(structureOf(name).members).flatMap(([at, { type }]) => {
    const value = Object.hasOwn(source, at) ? source[at] : undefined;
    return value === undefined || value === null ? [] : [[at, decodeValue(type, value)] as const];
  });
  return Object.fromEntries(members);
}

function decodeValue(type: MemberType, json: unknown): unknown {
  if (type === "timestamp") return new Date(Number(json) * 1000);
  if (type === "blob") return Uint8Array.from(Buffer.from(String(json), "base64"));
  if (typeof type === "string") return json;
  if ("list" in type) {
    return Array.isArray(json) ? json.map((item: unknown) => decodeValue(type.list, item)) : [];
  }
  if ("map" in type) {
    const entries = Object.entries(json ?? {});
    return Object.fromEntries(entries.map(([key, value]) => [key, decodeValue(type.map, value)]));
  }
  return shapes[type.shape]?.kind === "enum" ? json : decodeStructure(type.shape, json);
}
