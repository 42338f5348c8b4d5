import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type AccessList,
  type AclContent,
  type AclPrincipal,
  canonicalAcl,
  intersectAcls,
  isNarrower,
  maySee,
  parseAcl,
  subjectOf,
} from "./access.ts";

const principals: fc.Arbitrary<AclPrincipal> = fc.record({
  kind: fc.constantFrom("user", "group"),
  name: fc.constantFrom("a", "b", "c"),
  type: fc.constantFrom("INDEX", "DATASOURCE"),
});
const relations = fc.constantFrom("AND" as const, "OR" as const);
const listsWith = (conditionsMax: number): fc.Arbitrary<AccessList> =>
  fc.record({
    dataSourceId: fc.constantFrom("one", "one", "two"),
    allow: fc.record({
      relation: relations,
      conditions: fc.array(
        fc.record({ relation: relations, principals: fc.array(principals, { maxLength: 3 }) }),
        { maxLength: conditionsMax },
      ),
    }),
    deny: fc.array(principals, { maxLength: 2 }),
  });
const contents = (conditionsMax: number): fc.Arbitrary<AclContent> =>
  fc.oneof(
    { arbitrary: listsWith(conditionsMax), weight: 8 },
    { arbitrary: fc.constant("public" as const), weight: 1 },
  );
const names = fc.record({
  name: fc.constantFrom("a", "b", "c"),
  dataSourceId: fc.constantFrom("", "one", "two"),
});
const subjects = fc
  .tuple(fc.array(names, { maxLength: 4 }), fc.array(names, { maxLength: 4 }))
  .map(([ids, groups]) =>
    subjectOf({ userIds: ids.map((id) => ({ ...id, shown: id.name })), groups }),
  );

test("an intersection admits nobody whom one of its lists does not", () => {
  fc.assert(
    fc.property(fc.array(contents(3), { maxLength: 4 }), subjects, (lists, subject) => {
      const both = parseAcl(canonicalAcl(intersectAcls(lists))) ?? assert.fail();
      for (const who of [subject, "anonymous"] as const) {
        if (maySee(both, who)) assert.ok(lists.every((list) => maySee(list, who)));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("of lists as ACL files have them it admits exactly those whom all do", () => {
  const simple = contents(1).filter(
    (one) => one === "public" || (one.dataSourceId === "one" && one.allow.conditions.length === 1),
  );
  fc.assert(
    fc.property(fc.array(simple, { maxLength: 4 }), subjects, (lists, subject) => {
      const both = intersectAcls(lists);
      assert.equal(
        maySee(both, subject),
        lists.every((list) => maySee(list, subject)),
      );
      // Said again with the same, it is the same: an interrupted sync may say it many times.
      const again = canonicalAcl(intersectAcls([both, ...lists]));
      assert.equal(again, canonicalAcl(intersectAcls([both, both, ...lists])));
    }),
    { numRuns: 2_000 },
  );
});

test("where a list is narrower, nobody gains by it", () => {
  let narrower = 0;
  fc.assert(
    fc.property(contents(2), contents(2), subjects, (next, before, subject) => {
      if (!isNarrower(next, before)) return;
      narrower += 1;
      if (maySee(next, subject)) assert.ok(maySee(before, subject));
      if (maySee(next, "anonymous")) assert.ok(maySee(before, "anonymous"));
    }),
    { numRuns: 5_000 },
  );
  assert.ok(narrower > 300, `${narrower} were narrower`);
  const one = (...from: readonly string[]): AccessList => ({
    dataSourceId: "",
    allow: {
      relation: "OR",
      conditions: [
        {
          relation: "OR",
          principals: from.map((name) => ({ kind: "user", name, type: "INDEX" }) as const),
        },
      ],
    },
    deny: [],
  });
  assert.equal(isNarrower(one("a"), one("b", "a")), true);
  assert.equal(isNarrower(one("a", "b"), one("a")), false);
  assert.equal(isNarrower("public", one("a")), false);
});
