// Values of the contract's types: texts of a wanted length that satisfy a pattern, smallest legal
// values, and random ones from a seed.
import assert from "node:assert/strict";
import { limitPlaces, limits, shapes, structureOf } from "../../src/contract/contract.ts";
import type { Limit, MemberType } from "../../src/contract/contract.ts";

const hex = (count: number): string => "0123456789abcdef".repeat(4).slice(0, count);
const uuid = `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`;
const long = "a".repeat(63);

/** What stands before and after the filler in texts for the patterns of the contract. */
const frames: readonly (readonly [string, string])[] = [
  ["", ""],
  ["https://", ""],
  ["https://", ".css"],
  ["https://", ".ico"],
  ["https://", ".ttf"],
  ["https://", ".png"],
  [uuid, ""],
  [`${hex(10)}-${uuid}`, ""],
  ["aws:", ""],
  ["qbusiness:", ""],
  ["arn:aws:iam::123456789012:role/", ""],
  ["arn:aws:iam::123456789012:oidc-provider/", ""],
  ["arn:aws:lambda:us-east-1:123456789012:function:", ""],
  [`arn:aws:sso:::instance/ins-${hex(16)}`, ""],
  [`arn:aws:sso::123456789012:application/ins-${hex(16)}/apl-${hex(16)}`, ""],
  [`arn:aws:sso::123456789012:trustedTokenIssuer/ins-${hex(16)}/tti-${uuid}`, ""],
  ["arn:aws:s3:us-east-1:123456789012:", ""],
  [`arn:${long}:${long}:${long}:${long}:`, ""],
];

export function limitAt(place: string): Limit {
  return limits[limitPlaces[place] ?? ""] ?? {};
}

/** A text of so many characters that satisfies the pattern, or undefined if there is none. */
export function textOfLength(limit: Limit, length: number): string | undefined {
  const pattern = limit.pattern === undefined ? undefined : new RegExp(limit.pattern, "u");
  for (const [before, after] of frames) {
    const fillerLength = length - before.length - after.length;
    // The ports of origins are the only place where a filler of letters does not fit.
    if (fillerLength < 0) continue;
    const text = before + "a".repeat(fillerLength) + after;
    if (pattern === undefined || pattern.test(text)) return text;
  }
  return length === 0 && (pattern === undefined || pattern.test("")) ? "" : undefined;
}

/** A legal text: the shortest there is above the smallest length, a few characters at least. */
export function legalText(limit: Limit): string {
  const [min, max] = limit.length ?? [0, null];
  for (let length = Math.max(min ?? 0, 4); length <= Math.max(max ?? 200, 4); length += 1) {
    const text = textOfLength(limit, Math.min(length, max ?? length));
    if (text !== undefined) return text;
  }
  return assert.fail(`no text for ${JSON.stringify(limit)}`);
}

/** The smallest legal value of a type at a place of the contract. */
export function smallest(type: MemberType, place: string): unknown {
  const limit = limitAt(place);
  if (typeof type === "object") {
    if ("list" in type) {
      const count = Math.max(limit.length?.[0] ?? 0, 0);
      return Array.from({ length: count }, () => smallest(type.list, `${place}.member`));
    }
    if ("map" in type) {
      const key = String(smallest(type.key, `${place}.key`));
      return (limit.length?.[0] ?? 0) > 0 ? { [key]: smallest(type.map, `${place}.value`) } : {};
    }
    const shape = shapes[type.shape];
    return shape?.kind === "enum" ? shape.values[0] : smallestStructure(type.shape);
  }
  switch (type) {
    case "string":
      return legalText(limit);
    case "number":
      return limit.range?.[0] ?? 1;
    case "boolean":
      return false;
    case "timestamp":
      return new Date(0);
    case "blob":
      return new Uint8Array([0]);
    default:
      return {};
  }
}

/** A structure with its required members only; a union with its first. */
export function smallestStructure(name: string): Record<string, unknown> {
  const { kind, required, members } = structureOf(name);
  const wanted = kind === "union" ? Object.keys(members).slice(0, 1) : required;
  return Object.fromEntries(
    wanted.map((member) => {
      const type = members[member]?.type ?? assert.fail(member);
      return [member, smallest(type, `${name}.${member}`)];
    }),
  );
}
