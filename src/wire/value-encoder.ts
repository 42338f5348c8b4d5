import assert from "node:assert/strict";
import { shapes, structureOf } from "../contract/contract.ts";
import type { MemberType, ScalarType } from "../contract/contract.ts";

/** Turns a value of the contract's type into what JSON holds for it. Wrong types are our bugs. */
type Encode = (value: unknown) => unknown;

const structureEncoders = new Map<string, Encode>();

/**
 * The encoder of a structure, compiled once. It takes known members only, so that what a row of
 * the store holds besides cannot leave the server by accident; undefined members are left out.
 * Limits are not checked: many published limits of outputs are narrower than real answers.
 */
export function structureEncoder(name: string): Encode {
  let encode = structureEncoders.get(name);
  if (encode === undefined) {
    let compiled: Encode | undefined;
    encode = (value) => {
      compiled ??= compileStructure(name);
      return compiled(value);
    };
    structureEncoders.set(name, encode);
  }
  return encode;
}

function compileStructure(name: string): Encode {
  const { kind, members } = structureOf(name);
  const compiled = Object.entries(members).map(([member, { type }]) => ({
    member,
    encode: valueEncoder(type),
  }));
  return (value) => {
    assert.ok(typeof value === "object" && value !== null, `${name} is no object`);
    const source = value as Readonly<Record<string, unknown>>;
    const result: Record<string, unknown> = {};
    let count = 0;
    for (const { member, encode } of compiled) {
      const item = source[member];
      if (item === undefined || item === null) continue;
      result[member] = encode(item);
      count += 1;
    }
    assert.ok(kind !== "union" || count === 1, `${name} has ${count} members; a union has one`);
    return result;
  };
}

function valueEncoder(type: MemberType): Encode {
  if (typeof type === "string") return scalarEncoders[type];
  if ("list" in type) {
    const encode = valueEncoder(type.list);
    return (value) => {
      assert.ok(Array.isArray(value), "a list is no list");
      return value.map((item: unknown) => (item === null && type.sparse ? null : encode(item)));
    };
  }
  if ("map" in type) {
    const encode = valueEncoder(type.map);
    return (value) => {
      assert.ok(typeof value === "object" && value !== null, "a map is no object");
      const entries = Object.entries(value).filter(([, item]) => item !== undefined);
      return Object.fromEntries(entries.map(([key, item]) => [key, encode(item)]));
    };
  }
  const isEnum = shapes[type.shape]?.kind === "enum";
  return isEnum ? scalarEncoders.string : structureEncoder(type.shape);
}

const scalarEncoders: Readonly<Record<ScalarType, Encode>> = {
  string: (value) => {
    assert.ok(typeof value === "string", "a string is no string");
    return value;
  },
  number: (value) => {
    assert.ok(typeof value === "number" && Number.isFinite(value), "a number is no number");
    return value;
  },
  boolean: (value) => {
    assert.ok(typeof value === "boolean", "a boolean is no boolean");
    return value;
  },
  timestamp: (value) => {
    assert.ok(value instanceof Date && !Number.isNaN(value.getTime()), "a timestamp is no date");
    return value.getTime() / 1000;
  },
  blob: (value) => {
    assert.ok(value instanceof Uint8Array, "a blob is no bytes");
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  },
  document: (value) => value,
};
