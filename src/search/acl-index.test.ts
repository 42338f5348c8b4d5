import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type AccessList,
  type AclContent,
  type AclPrincipal,
  maySee,
  type Subject,
  subjectOf,
} from "./access.ts";
import { AclIndex } from "./acl-index.ts";
import { addClass, emptyClassSet, hasClass, removeClass } from "./class-set.ts";

const principals: fc.Arbitrary<AclPrincipal> = fc.record({
  kind: fc.constantFrom("user", "group"),
  name: fc.constantFrom("a", "b", "c"),
  type: fc.constantFrom("INDEX", "DATASOURCE"),
});
const relations = fc.constantFrom("AND" as const, "OR" as const);
const lists: fc.Arbitrary<AccessList> = fc.record({
  dataSourceId: fc.constantFrom("", "one", "two"),
  allow: fc.record({
    relation: relations,
    conditions: fc.array(
      fc.record({ relation: relations, principals: fc.array(principals, { maxLength: 3 }) }),
      { maxLength: 3 },
    ),
  }),
  deny: fc.array(principals, { maxLength: 1 }),
});
const contents: fc.Arbitrary<AclContent | undefined> = fc.oneof(
  { arbitrary: lists, weight: 8 },
  { arbitrary: fc.constant("public" as const), weight: 1 },
  { arbitrary: fc.constant(undefined), weight: 1 },
);
const names = fc.record({
  name: fc.constantFrom("a", "b", "c"),
  dataSourceId: fc.constantFrom("", "one", "two"),
});
const subjects: fc.Arbitrary<Subject> = fc
  .tuple(fc.array(names, { maxLength: 4 }), fc.array(names, { maxLength: 4 }))
  .map(([ids, groups]) =>
    subjectOf({ userIds: ids.map((id) => ({ ...id, shown: id.name })), groups }),
  );

test("all lists at once are decided as one by one", () => {
  fc.assert(
    fc.property(fc.array(contents, { maxLength: 40 }), subjects, (all, subject) => {
      const index = new AclIndex();
      for (const [i, content] of all.entries()) index.add(i + 1, content);
      for (const who of [subject, "anonymous"] as const) {
        const visible = index.visible(who);
        for (const [i, content] of all.entries()) {
          const expected = content !== undefined && maySee(content, who);
          assert.equal(hasClass(visible, i + 1), expected, JSON.stringify(content));
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("what is decided bit by bit, as lists come in, is what is decided at once", () => {
  const parts = fc.array(fc.array(contents, { maxLength: 10 }), { maxLength: 5 });
  fc.assert(
    fc.property(parts, subjects, (some, subject) => {
      const index = new AclIndex();
      let before = emptyClassSet(0);
      let after = 0;
      for (const part of some) {
        // Ids may have gaps.
        for (const content of part) index.add(index.last + 3, content);
        before = index.visible(subject, { before, after });
        after = index.last;
        assert.deepEqual(before, index.visible(subject));
      }
    }),
  );
});

test("a class is added once, and a number that was passed is never filled", () => {
  const index = new AclIndex();
  index.add(5, "public");
  index.add(4, "public");
  index.add(5, undefined);
  const visible = index.visible("anonymous");
  assert.deepEqual(
    [3, 4, 5, 6, 1000].filter((id) => hasClass(visible, id)),
    [5],
  );
});

test("a set of classes holds what was added and not taken out, up to its room", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(200), { maxLength: 50 }),
      fc.array(fc.nat(200), { maxLength: 20 }),
      (added, removed) => {
        const set = emptyClassSet(200);
        for (const id of added) addClass(set, id);
        for (const id of removed) removeClass(set, id);
        for (let id = 0; id < 300; id += 1) {
          assert.equal(hasClass(set, id), added.includes(id) && !removed.includes(id));
        }
      },
    ),
  );
});
