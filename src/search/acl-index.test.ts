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
      for (const [i, content] of all.entries()) index.put(i + 1, content);
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

test("what is decided bit by bit, as lists come in and change, is what is decided at once", () => {
  const changes = fc.tuple(fc.integer({ min: 1, max: 12 }), contents);
  const parts = fc.array(fc.array(changes, { maxLength: 10 }), { maxLength: 5 });
  fc.assert(
    fc.property(parts, subjects, (some, subject) => {
      for (const who of [subject, "anonymous"] as const) {
        const index = new AclIndex();
        const now = new Map<number, AclContent | undefined>();
        let before = emptyClassSet(0);
        let after = 0;
        for (const part of some) {
          for (const [id, content] of part) {
            index.put(id * 3, content);
            now.set(id * 3, content);
          }
          before = index.visible(who, { before, after });
          after = index.last;
          assert.deepEqual(before, index.visible(who));
          for (const [id, content] of now) {
            const expected = content !== undefined && maySee(content, who);
            assert.equal(hasClass(before, id), expected, JSON.stringify(content));
          }
          assert.equal(hasClass(before, 0), false, "there is no class 0");
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("what lists said before is worth leaving behind once it is most of what is known", () => {
  const index = new AclIndex();
  for (let i = 0; i < 1_500; i += 1) index.put(i + 1, "public");
  assert.equal(index.isWorn, false);
  for (let i = 0; i < 1_600; i += 1) index.put((i % 1_500) + 1, undefined);
  assert.equal(index.isWorn, true);
  assert.deepEqual(
    [1, 1_500].map((id) => hasClass(index.visible("anonymous"), id)),
    [false, false],
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
