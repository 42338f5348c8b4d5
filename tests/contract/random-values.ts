// Random values of the contract's types, repeatable by seed.
import assert from "node:assert/strict";
import { shapes, structureOf } from "../../src/contract/contract.ts";
import type { MemberType, ScalarType } from "../../src/contract/contract.ts";
import { legalText, limitAt, textOfLength } from "./values.ts";

const texts = [
  "x",
  "Grüße an José",
  "多言語",
  "a b+c/d%2F?&=#",
  "👩‍🚀 emoji",
  "..",
  "%25",
  'quo"te\\',
  "  ",
];

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes structures: `isLimited` for inputs, which must satisfy every limit. */
export function randomStructures(random: () => number, isLimited: boolean) {
  const chance = (share: number): boolean => random() < share;
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] ?? assert.fail();

  function text(place: string): string {
    const limit = isLimited ? limitAt(place) : {};
    const free = texts.filter((candidate) => {
      const length = [...candidate].length;
      const [min, max] = limit.length ?? [null, null];
      const isFit = length >= (min ?? 0) && length <= (max ?? Infinity);
      return (
        isFit && (limit.pattern === undefined || new RegExp(limit.pattern, "u").test(candidate))
      );
    });
    if (free.length > 0 && chance(0.8)) return pick(free);
    const max = limit.length?.[1];
    return (max != null && max < 5000 && textOfLength(limit, max)) || legalText(limit);
  }

  function number(place: string): number {
    const { range, bits } = limitAt(place);
    const [min, max] = range ?? [null, null];
    const low = min ?? -(2 ** 31);
    const high = max ?? (bits === 64 ? Number.MAX_SAFE_INTEGER : 2 ** 31 - 1);
    return pick([low, high, low + Math.floor(random() * (high - low))]);
  }

  function json(depth: number): unknown {
    if (depth > 2 || chance(0.6)) return pick(["text", 1.5, true, "", 0, [], {}]);
    return chance(0.5) ? [json(depth + 1), json(depth + 1)] : { a: json(depth + 1), "b c": null };
  }

  function scalar(type: ScalarType, place: string): unknown {
    switch (type) {
      case "string":
        return text(place);
      case "number":
        return number(place);
      case "boolean":
        return chance(0.5);
      case "timestamp":
        return new Date(below(4_000_000_000) * 1000 + below(1000));
      case "blob":
        return Uint8Array.from({ length: below(40) }, () => below(256));
      default:
        return json(0);
    }
  }

  function size(place: string): number {
    const [min, max] = limitAt(place).length ?? [0, null];
    return Math.min(Math.max(min ?? 0, below(4)), (isLimited ? max : null) ?? 4);
  }

  function value(type: MemberType, place: string, depth: number): unknown {
    if (typeof type === "string") return scalar(type, place);
    if ("list" in type) {
      // An empty list in a query string is no list at all.
      const items = Array.from({ length: Math.max(1, size(place)) }, () =>
        value(type.list, `${place}.member`, depth),
      );
      return limitAt(place).isUnique === true ? [...new Set(items)] : items;
    }
    if ("map" in type) {
      const entries = Array.from({ length: size(place) }, () => [
        value(type.key, `${place}.key`, depth),
        value(type.map, `${place}.value`, depth),
      ]);
      return Object.fromEntries(entries);
    }
    const shape = shapes[type.shape];
    return shape?.kind === "enum" ? pick(shape.values) : structure(type.shape, depth + 1);
  }

  /** A structure with most of its members, fewer the deeper it stands. */
  function structure(name: string, depth = 0): Record<string, unknown> {
    const { kind, required, members } = structureOf(name);
    const names = Object.keys(members).filter((member) => members[member]?.in !== "stream");
    const isKept = (): boolean => depth < 4 && chance(0.8);
    const wanted =
      kind === "union"
        ? [pick(names)]
        : names.filter((member) => required.includes(member) || isKept());
    return Object.fromEntries(
      wanted.map((member) => {
        const type = members[member]?.type ?? assert.fail(member);
        return [member, value(type, `${name}.${member}`, depth)];
      }),
    );
  }

  return structure;
}
