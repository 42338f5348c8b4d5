// One case for each constraint of an operation's input, found by walking the contract: an input
// with a value at the limit, and the same input with a value just over it.
import { operations, shapes, structureOf } from "../../src/contract/contract.ts";
import type { Limit, MemberType, OperationName } from "../../src/contract/contract.ts";
import { legalText, limitAt, smallest, smallestStructure, textOfLength } from "./values.ts";

type Input = Readonly<Record<string, unknown>>;

export type LimitCase = {
  readonly kind: string;
  /** Where the contract has the constraint, such as `Tag.key`. */
  readonly place: string;
  /** The name that the refusal must give the field. */
  readonly field: string;
  /** Undefined where no value can reach this limit and keep the others. */
  readonly accepted: Input | undefined;
  readonly refused: Input;
};

/** A position in an input: `put` makes the smallest legal input that has a value there. */
type Spot = {
  readonly place: string;
  readonly field: string;
  readonly inUrl: boolean;
  readonly put: (value: unknown) => Input;
};
type Pair = { readonly kind: string; readonly accepted?: unknown; readonly refused: unknown };

/** All cases of one operation, each place of the contract once. */
export function casesOf(operation: OperationName): readonly LimitCase[] {
  return casesOfStructure(operations[operation].input);
}

/** All cases of a structure, each place of the contract once. */
export function casesOfStructure(structure: string): readonly LimitCase[] {
  const cases: LimitCase[] = [];
  const seen = new Set<string>();

  function add(spot: Spot, { kind, accepted, refused }: Pair): void {
    const { place, field, put } = spot;
    const input = accepted === undefined ? undefined : put(accepted);
    cases.push({ kind, place, field, accepted: input, refused: put(refused) });
  }

  function visitStructure(name: string, spot: Spot | undefined): void {
    if (seen.has(name)) return;
    seen.add(name);
    const { kind, required, members } = structureOf(name);
    const entries = Object.entries(members).filter(([, member]) => member.in !== "stream");
    for (const [member, { type, in: binding }] of entries) {
      const inner: Spot = {
        place: `${name}.${member}`,
        field: spot === undefined ? member : `${spot.field}.${member}`,
        inUrl: binding !== undefined,
        put: (value) => {
          const others = kind === "union" ? {} : smallestStructure(name);
          const whole = without({ ...others, [member]: value }, member, value);
          return spot === undefined ? whole : spot.put(whole);
        },
      };
      // A path without its label is another path.
      if (required.includes(member) && binding !== "path")
        add(inner, { kind: "required", refused: undefined });
      visit(type, inner);
    }
    if (kind !== "union" || spot === undefined) return;
    add(spot, { kind: "union of none", refused: { neverHeardOf: 1 } });
    const all = entries.map(([member, { type }]) => [member, smallest(type, `${name}.${member}`)]);
    if (all.length > 1)
      add(spot, { kind: "union of two", refused: Object.fromEntries(all.slice(0, 2)) });
  }

  function visit(type: MemberType, spot: Spot): void {
    for (const pair of pairsOf(type, spot)) add(spot, pair);
    if (typeof type === "string") return;
    const { place, field, inUrl } = spot;
    if ("list" in type) {
      const least = Math.max(limitAt(place).length?.[0] ?? 0, 1);
      const put = (value: unknown): Input =>
        spot.put([
          value,
          ...Array.from({ length: least - 1 }, () => smallest(type.list, `${place}.member`)),
        ]);
      visit(type.list, { place: `${place}.member`, field: `${field}.1.member`, inUrl, put });
    } else if ("map" in type) {
      const key = String(smallest(type.key, `${place}.key`));
      const value = smallest(type.map, `${place}.value`);
      const putKey = (name: unknown): Input => spot.put({ [String(name)]: value });
      // JSON has no keys but texts, so only limits and enums can break.
      visit(type.key, { place: `${place}.key`, field: `${field}.key`, inUrl: true, put: putKey });
      const putValue = (item: unknown): Input => spot.put({ [key]: item });
      visit(type.map, { place: `${place}.value`, field: `${field}.${key}`, inUrl, put: putValue });
    } else if (shapes[type.shape]?.kind !== "enum") {
      visitStructure(type.shape, spot);
    }
  }

  visitStructure(structure, undefined);
  return cases;
}

function without(whole: Record<string, unknown>, member: string, value: unknown): Input {
  if (value === undefined) delete whole[member];
  return whole;
}

function pairsOf(type: MemberType, { place, inUrl }: Spot): readonly Pair[] {
  const limit = limitAt(place);
  if (typeof type === "object") {
    if ("list" in type) return listPairs(type.list, limit, place, inUrl);
    if ("map" in type) return [...mapPairs(type, limit, place), { kind: "type", refused: [] }];
    const shape = shapes[type.shape];
    if (shape?.kind !== "enum") return [{ kind: "type", refused: "text" }];
    return shape.values
      .map((value): Pair => ({ kind: "enum", accepted: value, refused: `${value}x` }))
      .concat({ kind: "enum", refused: shape.values[0]?.toLowerCase().replace(/^./, "_") });
  }
  switch (type) {
    case "string":
      return [...textPairs(limit), ...(inUrl ? [] : [{ kind: "type", refused: 7 }])];
    case "number":
      return [...numberPairs(limit), { kind: "type", refused: "7x" }];
    case "boolean":
      return [{ kind: "type", accepted: true, refused: "yes" }];
    case "timestamp":
      return [{ kind: "type", accepted: new Date(1), refused: "yesterday" }];
    case "blob":
      return [{ kind: "type", accepted: new Uint8Array([7]), refused: "AAA" }];
    default:
      return [];
  }
}

function textPairs(limit: Limit): readonly Pair[] {
  const [min, max] = limit.length ?? [null, null];
  const pairs: Pair[] = [];
  if (max !== null) {
    const over = textOfLength(limit, max + 1) ?? "a".repeat(max + 1);
    pairs.push({ kind: "length max", accepted: textOfLength(limit, max), refused: over });
  }
  if (min !== null && min > 0) {
    const under = textOfLength(limit, min - 1) ?? "a".repeat(min - 1);
    pairs.push({ kind: "length min", accepted: textOfLength(limit, min), refused: under });
  }
  if (limit.pattern !== undefined) {
    pairs.push({
      kind: "pattern",
      accepted: legalText(limit),
      refused: breaking(limit, limit.pattern),
    });
  }
  return pairs;
}

/** A text of legal length that the pattern does not take: one character of a legal one changed. */
function breaking(limit: Limit, source: string): string {
  const pattern = new RegExp(source, "u");
  const legal = legalText(limit);
  const candidates = ["\u0007", " ", "é"].flatMap((bad) => [
    bad + legal.slice(1),
    legal.slice(0, -1) + bad,
  ]);
  const found = candidates.find((text) => !pattern.test(text));
  if (found === undefined) throw new Error(`nothing breaks ${source}`);
  return found;
}

function numberPairs({ range, bits }: Limit): readonly Pair[] {
  const largest = bits === 64 ? Number.MAX_SAFE_INTEGER : 2 ** 31 - 1;
  const smallestWhole = bits === 64 ? Number.MIN_SAFE_INTEGER : -(2 ** 31);
  const min = range?.[0] ?? smallestWhole;
  const max = range?.[1] ?? largest;
  return [
    { kind: "range max", accepted: max, refused: max + 1 },
    { kind: "range min", accepted: min, refused: min - 1 },
    { kind: "whole number", accepted: min, refused: 1.5 },
  ];
}

function listPairs(item: MemberType, limit: Limit, place: string, inUrl: boolean): readonly Pair[] {
  const [min, max] = limit.length ?? [null, null];
  const shape = typeof item === "object" && "shape" in item ? shapes[item.shape] : undefined;
  const values = shape?.kind === "enum" ? shape.values : undefined;
  const ofSize = (count: number): readonly unknown[] =>
    Array.from({ length: count }, (_, index) =>
      limit.isUnique === true ? values?.[index] : smallest(item, `${place}.member`),
    );
  const pairs: Pair[] = inUrl ? [] : [{ kind: "type", refused: {} }];
  if (max !== null)
    pairs.push({ kind: "size max", accepted: ofSize(max), refused: ofSize(max + 1) });
  if (min !== null && min > 0 && !inUrl) {
    pairs.push({ kind: "size min", accepted: ofSize(min), refused: ofSize(min - 1) });
  }
  if (limit.isUnique === true) {
    pairs.push({
      kind: "unique",
      accepted: values?.slice(0, 2),
      refused: [values?.[0], values?.[0]],
    });
  }
  return pairs;
}

function mapPairs(
  type: { readonly map: MemberType; readonly key: MemberType },
  limit: Limit,
  place: string,
): readonly Pair[] {
  const [min, max] = limit.length ?? [null, null];
  const key = String(smallest(type.key, `${place}.key`));
  const value = smallest(type.map, `${place}.value`);
  const ofSize = (count: number): object =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [i === 0 ? key : `${key}${i}`, value]),
    );
  const pairs: Pair[] = [];
  if (max !== null)
    pairs.push({ kind: "size max", accepted: ofSize(max), refused: ofSize(max + 1) });
  if (min !== null && min > 0) pairs.push({ kind: "size min", accepted: ofSize(min), refused: {} });
  return pairs;
}
