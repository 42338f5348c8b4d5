import { decodeBase64 } from "./blob.ts";
import type { Issues } from "./issues.ts";
import { jsonError } from "./json11-errors.ts";

/** How a value of type `T` is read: constraints that it breaks become issues. */
export type JsonShape<T> = {
  readonly type: string;
  readonly read: (value: unknown, path: string, issues: Issues) => T | undefined;
};

/** The type that a shape reads. */
export type Shaped<Shape> = Shape extends JsonShape<infer T> ? T : never;

type Members = Readonly<Record<string, JsonShape<unknown>>>;

/** A structure, whose names of members tests compare with the published model. */
export type Structure<T> = JsonShape<T> & {
  readonly required: readonly string[];
  readonly members: Members;
};

type StructureOf<Required extends Members, Optional extends Members> = {
  readonly [Name in keyof Required]: Shaped<Required[Name]>;
} & { readonly [Name in keyof Optional]?: Shaped<Optional[Name]> | undefined };

type Range = { readonly min?: number; readonly max?: number };

/** Text; lengths count UTF-16 units. The pattern must run in linear time and be anchored. */
export function text(rules: Range & { readonly pattern?: RegExp } = {}): JsonShape<string> {
  return {
    type: "string",
    read: (value, path, issues) => {
      if (typeof value !== "string") throw wrongType(path, "a string");
      const fault = rangeFault(value.length, rules, "length");
      if (fault !== undefined) return issues.add(path, fault);
      const { pattern } = rules;
      if (pattern === undefined || pattern.test(value)) return value;
      const shown = `Member must satisfy regular expression pattern: ${pattern.source}`;
      return issues.add(path, shown);
    },
  };
}

/** One of some texts. */
export function oneOf<const T extends string>(values: readonly T[]): JsonShape<T> {
  return {
    type: "enum",
    read: (value, path, issues) => {
      if (typeof value !== "string") throw wrongType(path, "a string");
      const found = values.find((one) => one === value);
      if (found !== undefined) return found;
      return issues.add(path, `Member must satisfy enum value set: [${values.join(", ")}]`);
    },
  };
}

/** A whole number. */
export function integer(range: Range = {}): JsonShape<number> {
  return {
    type: "integer",
    read: (value, path, issues) => {
      if (typeof value !== "number" || !Number.isInteger(value)) {
        throw wrongType(path, "a whole number");
      }
      const fault = rangeFault(value, range, "value");
      return fault === undefined ? value : issues.add(path, fault);
    },
  };
}

export const boolean: JsonShape<boolean> = {
  type: "boolean",
  read: (value, path) => {
    if (typeof value !== "boolean") throw wrongType(path, "true or false");
    return value;
  },
};

/** Bytes, which travel as base64. */
export function blob(range: Range): JsonShape<Buffer> {
  return {
    type: "blob",
    read: (value, path, issues) => {
      const bytes = typeof value === "string" ? decodeBase64(value) : undefined;
      if (bytes === undefined) throw wrongType(path, "base64");
      const fault = rangeFault(bytes.length, range, "length");
      return fault === undefined ? bytes : issues.add(path, fault);
    },
  };
}

/** A list; where it is too long, its items are not looked at. */
export function list<T>(member: JsonShape<T>, range: Range): JsonShape<readonly T[]> {
  return {
    type: "list",
    read: (value, path, issues) => {
      if (!Array.isArray(value)) throw wrongType(path, "a list");
      const fault = rangeFault(value.length, range, "length");
      if (fault !== undefined) return issues.add(path, fault);
      const items = value.map((item, at) => member.read(item, `${path}.${at + 1}.member`, issues));
      return items as readonly T[];
    },
  };
}

/** Names and texts. */
export function textMap(range: Range): JsonShape<Readonly<Record<string, string>>> {
  return {
    type: "map",
    read: (value, path, issues) => {
      if (!isRecord(value)) throw wrongType(path, "an object");
      const entries = Object.entries(value);
      const fault = rangeFault(entries.length, range, "length");
      if (fault !== undefined) return issues.add(path, fault);
      const wrong = entries.find(([, one]) => typeof one !== "string");
      if (wrong !== undefined) throw wrongType(path, "an object of strings");
      return Object.fromEntries(entries) as Readonly<Record<string, string>>;
    },
  };
}

/** A structure. Members that it does not have are passed over; null is as good as absent. */
export function structure<const R extends Members, const O extends Members>(
  required: R,
  optional: O,
): Structure<StructureOf<R, O>> {
  const members: Members = { ...required, ...optional };
  return {
    type: "structure",
    required: Object.keys(required),
    members,
    read: (value, path, issues) => {
      if (!isRecord(value)) throw wrongType(path, "an object");
      const read: [string, unknown][] = [];
      for (const [name, shape] of Object.entries(members)) {
        const at = (path === "" ? "" : `${path}.`) + name.charAt(0).toLowerCase() + name.slice(1);
        const given = Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined;
        if (given !== undefined) read.push([name, shape.read(given, at, issues)]);
        else if (name in required) issues.add(at, "Member must not be null");
      }
      return Object.fromEntries(read) as StructureOf<R, O>;
    },
  };
}

function rangeFault(value: number, { min, max }: Range, what: string): string | undefined {
  const words = `Member must have ${what}`;
  if (min !== undefined && value < min) return `${words} greater than or equal to ${min}`;
  return max !== undefined && value > max ? `${words} less than or equal to ${max}` : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrongType(path: string, type: string): Error {
  const where = path === "" ? "The request" : `The value at '${path}'`;
  return jsonError("SerializationException", `${where} must be ${type}.`);
}
