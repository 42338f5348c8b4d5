import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type AccessList,
  type AclContent,
  type AclPrincipal,
  canonicalAcl,
  maySee,
  parseAcl,
  type Subject,
  subjectOf,
} from "./access.ts";

const indexWide = (name: string): { name: string; dataSourceId: string; shown: string } => ({
  name,
  dataSourceId: "",
  shown: name,
});
const ada = subjectOf({
  userIds: [indexWide("ada@example.com")],
  groups: [indexWide("eng"), indexWide("wiki")],
});
const user = (name: string, type: AclPrincipal["type"] = "INDEX"): AclPrincipal => ({
  kind: "user",
  name,
  type,
});
const group = (name: string, type: AclPrincipal["type"] = "INDEX"): AclPrincipal => ({
  kind: "group",
  name,
  type,
});

/** A list with one condition per array; "AND" inside where the first entry says so. */
function list(
  conditions: readonly (readonly (AclPrincipal | "AND")[])[],
  more: {
    readonly relation?: "AND" | "OR";
    readonly deny?: readonly AclPrincipal[];
    readonly dataSourceId?: string;
  } = {},
): AccessList {
  return {
    dataSourceId: more.dataSourceId ?? "source",
    allow: {
      relation: more.relation ?? "OR",
      conditions: conditions.map((entries) => ({
        relation: entries[0] === "AND" ? "AND" : "OR",
        principals: entries.filter((entry) => entry !== "AND"),
      })),
    },
    deny: more.deny ?? [],
  };
}

const me = user("ada@example.com");
const cases: readonly (readonly [string, AclContent, boolean])[] = [
  ["no list", "public", true],
  ["a list with her e-mail", list([[me]]), true],
  [
    "her e-mail in the scope of the data source",
    list([[user("ada@example.com", "DATASOURCE")]]),
    true,
  ],
  ["somebody else", list([[user("bob@example.com")]]), false],
  ["one of her groups", list([[group("eng")]]), true],
  ["a group of the same name in other letters", list([[group("Eng")]]), false],
  ["a user that is called like her group", list([[user("eng")]]), false],
  ["a group that is called like her", list([[group("ada@example.com")]]), false],
  ["a group of the data source", list([[group("wiki", "DATASOURCE")]]), false],
  ["allowed by a group, denied by name", list([[group("eng")]], { deny: [me] }), false],
  ["allowed by name, denied by a group", list([[me]], { deny: [group("eng")] }), false],
  ["only others denied, nobody allowed", list([], { deny: [group("interns")] }), false],
  ["an empty list", list([]), false],
  ["an empty condition", list([[]]), false],
  ["an empty condition of AND", list([["AND"]]), false],
  [
    "both conditions",
    list([[group("eng")], [group("hr"), group("wiki")]], { relation: "AND" }),
    true,
  ],
  [
    "one of two conditions that must hold",
    list([[group("eng")], [group("hr")]], { relation: "AND" }),
    false,
  ],
  ["one of two conditions", list([["AND", group("eng"), group("hr")], [group("wiki")]]), true],
  ["her and a group she is not in", list([["AND", me, group("hr")]]), false],
  [
    "a scoped name without a data source",
    list([[user("ada@example.com", "DATASOURCE")]], { dataSourceId: "" }),
    false,
  ],
];

for (const [name, content, expected] of cases) {
  test(`${name}: ${expected ? "she sees it" : "she does not see it"}`, () => {
    assert.equal(maySee(content, ada), expected);
    // The stored form decides the same.
    const stored = parseAcl(canonicalAcl(content));
    assert.ok(stored !== undefined);
    assert.equal(maySee(stored, ada), expected);
  });
}

test("an anonymous visitor sees documents without a list and no others", () => {
  const seen = cases.filter(([, content]) => maySee(content, "anonymous"));
  assert.deepEqual(
    seen.map(([name]) => name),
    ["no list"],
  );
});

test("a denial meets its user however the e-mail was written", () => {
  const stored = parseAcl(
    canonicalAcl(list([[group("eng")]], { deny: [user("ADA+x@Example.com")] })),
  );
  assert.ok(stored !== undefined);
  assert.equal(maySee(stored, ada), false);
});

const principals: fc.Arbitrary<AclPrincipal> = fc.record({
  kind: fc.constantFrom("user", "group"),
  name: fc.constantFrom("ada@example.com", "eng", "hr", "x"),
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
  deny: fc.array(principals, { maxLength: 2 }),
});
const names = fc.constantFrom("ada@example.com", "eng", "hr");
const scoped = fc.record({ name: names, dataSourceId: fc.constantFrom("", "one", "two") });
const subjects: fc.Arbitrary<Subject> = fc
  .tuple(fc.array(scoped, { maxLength: 4 }), fc.array(scoped, { maxLength: 4 }))
  .map(([ids, groups]) =>
    subjectOf({ userIds: ids.map((id) => ({ ...id, shown: id.name })), groups }),
  );

test("the canonical form keeps every decision", () => {
  fc.assert(
    fc.property(lists, subjects, (content, subject) => {
      const stored = parseAcl(canonicalAcl(content));
      assert.ok(stored !== undefined);
      assert.equal(maySee(stored, subject), maySee(content, subject));
    }),
    { numRuns: 500 },
  );
});

test("order and repetition make no other class; reading and writing again changes nothing", () => {
  fc.assert(
    fc.property(lists, (content) => {
      const { allow, deny } = content;
      const turned: AccessList = {
        ...content,
        allow: { ...allow, conditions: [...allow.conditions, ...allow.conditions].reverse() },
        deny: [...deny, ...deny].reverse(),
      };
      const canonical = canonicalAcl(content);
      assert.equal(canonicalAcl(turned), canonical);
      const stored = parseAcl(canonical);
      assert.ok(stored !== undefined);
      assert.equal(canonicalAcl(stored), canonical);
    }),
  );
});

test("one more denial never shows more", () => {
  fc.assert(
    fc.property(lists, principals, subjects, (content, denied, subject) => {
      const stricter = { ...content, deny: [...content.deny, denied] };
      assert.ok(!maySee(stricter, subject) || maySee(content, subject));
    }),
  );
});

test("a stored class that is not understood is seen by nobody", () => {
  const good = JSON.parse(canonicalAcl(list([[me]]))) as Record<string, unknown>;
  for (const bad of [
    "",
    "{",
    "null",
    "[]",
    '"Public"',
    JSON.stringify({ ...good, allow: undefined }),
    JSON.stringify({ ...good, deny: undefined }),
    JSON.stringify({ ...good, deny: [{ kind: "robot", name: "x", type: "INDEX" }] }),
    JSON.stringify({ ...good, allow: { relation: "XOR", conditions: [] } }),
    JSON.stringify({ ...good, allow: { relation: "OR", conditions: [{ relation: "OR" }] } }),
    JSON.stringify({ ...good, dataSourceId: 7 }),
    JSON.stringify({ ...good, dataSourceId: "one/two" }),
  ]) {
    assert.equal(parseAcl(bad), undefined, bad);
  }
});
