import { limitPlaces, limits, shapes, structureOf } from "../contract/contract.ts";
import type { Limit, MemberType, StructureContract } from "../contract/contract.ts";
import { sizeCheck } from "./checks.ts";
import type { Issues } from "./issues.ts";
import { enumDecoder, scalarDecoder } from "./scalar-decoder.ts";
import type { Decode } from "./scalar-decoder.ts";

const structureDecoders = new Map<string, Decode>();

/** Compiles the decoder of a type at a place of the contract such as `Tag.key`. */
export function valueDecoder(type: MemberType, place: string): Decode {
  const limit = limits[limitPlaces[place] ?? ""] ?? {};
  if (typeof type === "string") return scalarDecoder(type, place, limit);
  if ("list" in type) return listDecoder(type, place, limit);
  if ("map" in type) return mapDecoder(type, place, limit);
  const shape = shapes[type.shape];
  return shape?.kind === "enum" ? enumDecoder(shape.values) : structureDecoder(type.shape);
}

function listDecoder(
  type: { readonly list: MemberType; readonly sparse?: boolean },
  place: string,
  limit: Limit,
): Decode {
  const decode = valueDecoder(type.list, `${place}.member`);
  const checkSize = limit.length && sizeCheck(limit.length);
  return (value, path, issues) => {
    if (!Array.isArray(value)) return issues.add(path, "Member must be a list");
    const broken = checkSize?.(value.length);
    if (broken !== undefined) return issues.add(path, broken);
    if (limit.isUnique === true && new Set(value).size < value.length) {
      return issues.add(path, "Member must have unique values");
    }
    const items: unknown[] = [];
    for (const [index, item] of value.entries()) {
      if (issues.isFull()) return undefined;
      const itemPath = `${path}.${index + 1}.member`;
      if (item !== null) items.push(decode(item, itemPath, issues));
      else if (type.sparse === true) items.push(null);
      else issues.add(itemPath, "Member must not be null");
    }
    return items;
  };
}

function mapDecoder(
  type: { readonly map: MemberType; readonly key: MemberType },
  place: string,
  limit: Limit,
): Decode {
  const decodeKey = valueDecoder(type.key, `${place}.key`);
  const decode = valueDecoder(type.map, `${place}.value`);
  const checkSize = limit.length && sizeCheck(limit.length);
  return (value, path, issues) => {
    if (!isRecord(value)) return issues.add(path, "Member must be an object");
    const entries = Object.entries(value).filter(([, item]) => item !== null);
    const broken = checkSize?.(entries.length);
    if (broken !== undefined) return issues.add(path, broken);
    const decoded: [string, unknown][] = [];
    for (const [key, item] of entries) {
      if (issues.isFull()) return undefined;
      decodeKey(key, `${path}.key`, issues);
      decoded.push([key, decode(item, `${path}.${key}`, issues)]);
    }
    // Unlike an assignment this keeps a key named "__proto__" an ordinary key.
    return Object.fromEntries(decoded);
  };
}

/**
 * The decoder of a structure or union, compiled once, on first use: shapes may hold themselves.
 * Unknown members are ignored and null counts as absent; a union takes exactly one known member.
 */
export function structureDecoder(name: string): Decode {
  let decode = structureDecoders.get(name);
  if (decode === undefined) {
    let compiled: Decode | undefined;
    decode = (value, path, issues) => {
      compiled ??= compileStructure(name, structureOf(name));
      return compiled(value, path, issues);
    };
    structureDecoders.set(name, decode);
  }
  return decode;
}

function compileStructure(name: string, { kind, members }: StructureContract): Decode {
  const decodeMembers = membersDecoder(name, Object.keys(members));
  const constraint = `Member must have exactly one of these members: ${Object.keys(members).join(", ")}`;
  return (value, path, issues) => {
    if (!isRecord(value)) return issues.add(path, "Member must be an object");
    const result = decodeMembers(value, `${path}.`, issues);
    if (kind === "union" && countKnown(value) !== 1) issues.add(path, constraint);
    return result;
  };

  function countKnown(value: Readonly<Record<string, unknown>>): number {
    return Object.keys(members).filter((member) => isPresent(value[member])).length;
  }
}

/** Compiles a decoder for some members of a structure, which need not be all it has. */
export function membersDecoder(
  name: string,
  memberNames: readonly string[],
): (
  value: Readonly<Record<string, unknown>>,
  prefix: string,
  issues: Issues,
) => Record<string, unknown> {
  const { required, members } = structureOf(name);
  const compiled = memberNames.map((member) => ({
    member,
    decode: valueDecoder(members[member]?.type ?? "document", `${name}.${member}`),
    isRequired: required.includes(member),
  }));
  return (value, prefix, issues) => {
    const result: Record<string, unknown> = {};
    for (const { member, decode, isRequired } of compiled) {
      const item = value[member];
      if (isPresent(item)) result[member] = decode(item, prefix + member, issues);
      else if (isRequired) issues.add(prefix + member, "Member must not be null");
    }
    return result;
  };
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Whether a parsed JSON value is an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
