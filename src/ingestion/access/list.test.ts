import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { anonymousViewer } from "../../core/viewer.ts";
import { canonicalAcl } from "../../search/search.ts";
import { type AccessConfigurationInput, aclContentOf } from "./list.ts";

const user = (id: string, access: "ALLOW" | "DENY" = "ALLOW") => ({ user: { id, access } });
const group = (name: string, access: "ALLOW" | "DENY" = "ALLOW") => ({ group: { name, access } });
const list = (...principals: AccessConfigurationInput["accessControls"][number]["principals"]) => ({
  accessControls: [{ principals }],
});

test("no configuration means everybody, an empty one nobody", () => {
  assert.equal(aclContentOf(undefined, ""), "public");
  const nobody = { dataSourceId: "", allow: { relation: "OR", conditions: [] }, deny: [] };
  assert.deepEqual(aclContentOf({ accessControls: [] }, ""), nobody);
  assert.deepEqual(aclContentOf(list(), ""), nobody);
});

test("S10: denials are gathered apart, and leave no allowing condition behind", () => {
  const content = aclContentOf(list(user("a@x.com", "DENY"), group("g", "DENY")), "");
  assert.ok(typeof content === "object");
  assert.deepEqual(content.allow.conditions, []);
  assert.deepEqual(
    content.deny.map(({ name }) => name),
    ["a@x.com", "g"],
  );
});

test("S11: user ids are written in one form, group names stay as they are", () => {
  const content = aclContentOf(list(user("Foo+tag@X.com"), group("Sales")), "");
  assert.ok(typeof content === "object");
  const names = content.allow.conditions[0]?.principals.map(({ name }) => name);
  assert.deepEqual(names, ["foo@x.com", "Sales"]);
});

test("names of a data source's documents mean something there, unless they say else", () => {
  const scoped = aclContentOf(
    list(user("a@x.com"), { group: { name: "g", access: "ALLOW", membershipType: "INDEX" } }),
    "source",
  );
  assert.ok(typeof scoped === "object");
  assert.equal(scoped.dataSourceId, "source");
  assert.deepEqual(
    scoped.allow.conditions[0]?.principals.map(({ type }) => type),
    ["DATASOURCE", "INDEX"],
  );
});

test("names of an index's own documents mean something in all of it, and say else where they do", () => {
  const typesIn = (dataSourceId: string): readonly string[] => {
    const scoped = { id: "b@x.com", access: "ALLOW", membershipType: "DATASOURCE" } as const;
    const wide = { id: "c@x.com", access: "ALLOW", membershipType: "INDEX" } as const;
    const given = list(user("a@x.com"), group("g"), { user: scoped }, { user: wide });
    const content = aclContentOf(given, dataSourceId);
    if (typeof content !== "object") return assert.fail("The list is not understood.");
    return (content.allow.conditions[0]?.principals ?? []).map(({ type }) => type);
  };
  assert.deepEqual(typesIn(""), ["INDEX", "INDEX", "DATASOURCE", "INDEX"]);
  assert.deepEqual(typesIn("source"), ["DATASOURCE", "DATASOURCE", "DATASOURCE", "INDEX"]);
});

test("relations are what they are given as, and OR where none is given", () => {
  for (const outer of [undefined, "OR", "AND"] as const) {
    for (const inner of [undefined, "OR", "AND"] as const) {
      const controls = [{ principals: [user("a@x.com"), group("g")], memberRelation: inner }];
      const given = { accessControls: controls, memberRelation: outer };
      const content = aclContentOf(given, "");
      assert.ok(typeof content === "object");
      assert.equal(content.allow.relation, outer ?? "OR");
      assert.equal(content.allow.conditions[0]?.relation, inner ?? "OR");
    }
  }
});

test("a principal without a name makes the whole list unknown, never shorter", () => {
  const nameless = { user: { access: "DENY" as const } };
  assert.equal(aclContentOf(list(user("a@x.com"), nameless), ""), undefined);
  assert.equal(aclContentOf(list({}), ""), undefined);
  const later = { accessControls: [{ principals: [user("a@x.com")] }, { principals: [nameless] }] };
  assert.equal(aclContentOf(later, ""), undefined);
});

test("whatever the list says, its canonical form is not the public one", () => {
  const name = fc.string({ minLength: 1 });
  const access = fc.constantFrom("ALLOW" as const, "DENY" as const);
  const principal = fc.oneof(
    fc.record({ user: fc.record({ id: name, access }) }),
    fc.record({ group: fc.record({ name, access }) }),
  );
  const control = fc.record({ principals: fc.array(principal, { maxLength: 4 }) });
  const configuration = fc.record({ accessControls: fc.array(control, { maxLength: 4 }) });
  fc.assert(
    fc.property(configuration, (given) => {
      const content = aclContentOf(given, "");
      assert.ok(content !== undefined && content !== "public");
      assert.notEqual(canonicalAcl(content), canonicalAcl("public"));
    }),
  );
  assert.equal(anonymousViewer.kind, "anonymous");
});
