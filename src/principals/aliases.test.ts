import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type AliasChange, planAliases } from "./aliases.ts";

const none = { update: [], delete: [] };
const shown = (aliases: readonly { readonly name: string }[]): readonly string[] =>
  aliases.map(({ name }) => name);

test("new names are added, known ones kept as they were spelt, others deleted", () => {
  const before = planAliases([], { ...none, update: [{ userId: "Ada@X.com" }, { userId: "b" }] });
  assert.deepEqual(shown(before.added), ["Ada@X.com", "b"]);
  const plan = planAliases(before.added, {
    update: [{ userId: "ada+work@x.com" }, { userId: "c" }, { userId: "c" }],
    delete: [{ userId: "b" }, { userId: "b" }, { userId: "never" }],
  });
  assert.deepEqual(shown(plan.added), ["c"]);
  assert.deepEqual(shown(plan.kept), ["Ada@X.com"]);
  assert.deepEqual(shown(plan.deleted), ["b"]);
});

test("a name that is deleted and wanted in one call stays", () => {
  const [alias] = planAliases([], { ...none, update: [{ userId: "a" }] }).added;
  assert.ok(alias !== undefined);
  const both = { update: [{ userId: "a" }], delete: [{ userId: "a" }] };
  assert.deepEqual(planAliases([alias], both), { added: [], kept: [alias], deleted: [] });
  assert.deepEqual(shown(planAliases([], both).added), ["a"]);
});

test("one name in several scopes is several aliases", () => {
  const update = [
    { userId: "a" },
    { userId: "a", indexId: "i" },
    { userId: "a", indexId: "i", dataSourceId: "d" },
  ];
  assert.equal(planAliases([], { ...none, update }).added.length, 3);
  const { added } = planAliases([], { ...none, update });
  const { deleted } = planAliases(added, { ...none, delete: [{ userId: "a", indexId: "i" }] });
  assert.deepEqual(deleted, [{ alias: "a", name: "a", indexId: "i", dataSourceId: "" }]);
});

const changes: fc.Arbitrary<readonly AliasChange[]> = fc.array(
  fc.record({
    userId: fc.constantFrom("a", "A@x.com", "a+1@X.com", "b"),
    indexId: fc.constantFrom("i", "j"),
  }),
  { maxLength: 6 },
);

test("an update that was carried out has nothing left to do", () => {
  fc.assert(
    fc.property(changes, changes, changes, (first, update, remove) => {
      const before = planAliases([], { ...none, update: first }).added;
      const plan = planAliases(before, { update, delete: remove });
      const gone = new Set(plan.deleted);
      const after = [...before.filter((alias) => !gone.has(alias)), ...plan.added];
      const again = planAliases(after, { update, delete: remove });
      assert.deepEqual([again.added, again.deleted], [[], []]);
      assert.equal(plan.added.length + plan.kept.length, again.kept.length);
    }),
  );
});
