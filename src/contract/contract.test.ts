import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isOperationName,
  limitPlaces,
  limits,
  operations,
  shapes,
  structureOf,
} from "./contract.ts";
import type { MemberType } from "./contract.ts";

function shapesIn(type: MemberType): readonly string[] {
  if (typeof type === "string") return [];
  if ("list" in type) return shapesIn(type.list);
  if ("map" in type) return [...shapesIn(type.map), ...shapesIn(type.key)];
  return [type.shape];
}

test("every shape that the contract names is in it", () => {
  const named = Object.values(operations).flatMap(({ input, output, errors }) => [
    input,
    output,
    ...errors,
  ]);
  for (const shape of Object.values(shapes)) {
    if (shape.kind === "enum") continue;
    for (const [member, { type }] of Object.entries(shape.members)) {
      named.push(...shapesIn(type));
      assert.ok(member.length > 0);
    }
  }
  assert.ok(named.length > 500, `only ${named.length} names seen`);
  assert.deepEqual(
    named.filter((name) => !Object.hasOwn(shapes, name)),
    [],
  );
});

test("every place with a limit is a member that exists, and every limit has a place", () => {
  for (const place of Object.keys(limitPlaces)) {
    const [shape = "", member = ""] = place.split(".");
    assert.ok(Object.hasOwn(structureOf(shape).members, member), place);
  }
  const used = new Set(Object.values(limitPlaces));
  assert.deepEqual([...used].sort(), Object.keys(limits).sort());
});

test("every label of a path is a required member", () => {
  let labels = 0;
  for (const { path, input } of Object.values(operations)) {
    const { members, required } = structureOf(input);
    for (const [, label = ""] of path.matchAll(/\{(\w+)\}/g)) {
      assert.equal(members[label]?.in, "path", `${path} ${label}`);
      assert.ok(required.includes(label));
      labels += 1;
    }
  }
  assert.equal(labels, 143);
});

test("only names of operations are operation names", () => {
  assert.ok(isOperationName("ChatSync"));
  assert.ok(!isOperationName("chatSync"));
  assert.ok(!isOperationName("toString"));
});

test("asking for a structure that is none is a bug", () => {
  assert.throws(() => structureOf("ChatMode"), /No structure named ChatMode/);
  assert.throws(() => structureOf("constructor"), /constructor|No structure/);
});
