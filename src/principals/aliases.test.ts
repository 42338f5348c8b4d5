import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { UserAlias } from "../store/store.ts";
import { type AliasChange, type AliasPlan, planAliases } from "./aliases.ts";

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

test("a name that is deleted and wanted in one call goes first, then comes again", () => {
  const [alias] = planAliases([], { ...none, update: [{ userId: "A@x.com" }] }).added;
  assert.ok(alias !== undefined);
  const both = { update: [{ userId: "a@x.com" }], delete: [{ userId: "a+1@x.com" }] };
  const plan = planAliases([alias], both);
  assert.deepEqual(plan.deleted, [alias]);
  assert.deepEqual(plan.kept, []);
  assert.deepEqual(shown(plan.added), ["a@x.com"]);
  assert.deepEqual(shown(planAliases([], both).added), ["a@x.com"]);
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

test("deletions and upserts one after the other come to the same, and a second time changes nothing", () => {
  const names = (aliases: readonly object[]): readonly string[] =>
    aliases.map((alias) => JSON.stringify(alias)).toSorted();
  const carriedOut = (before: readonly UserAlias[], plan: AliasPlan): readonly UserAlias[] => {
    const gone = new Set(plan.deleted);
    return [...before.filter((alias) => !gone.has(alias)), ...plan.added];
  };
  fc.assert(
    fc.property(changes, changes, changes, (first, update, remove) => {
      const before = planAliases([], { ...none, update: first }).added;
      const plan = planAliases(before, { update, delete: remove });
      const after = carriedOut(before, plan);
      const left = carriedOut(before, planAliases(before, { ...none, delete: remove }));
      const upserts = planAliases(left, { ...none, update });
      assert.deepEqual(names(after), names(carriedOut(left, upserts)));
      assert.deepEqual(names(plan.kept), names(upserts.kept));
      const again = planAliases(after, { update, delete: remove });
      assert.deepEqual(names(carriedOut(after, again)), names(after));
    }),
  );
});
