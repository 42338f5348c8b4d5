import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { AccessList, AclPrincipal } from "../../search/search.ts";
import { compareAccess, impliesByTrial } from "./access.ts";

const principal = (name: string, kind: "user" | "group" = "group"): AclPrincipal => ({
  kind,
  name,
  type: "INDEX",
});
const list = (allow: readonly string[], deny: readonly string[] = []): AccessList => ({
  dataSourceId: "",
  allow: {
    relation: "OR",
    conditions:
      allow.length === 0
        ? []
        : [{ relation: "OR", principals: allow.map((name) => principal(name)) }],
  },
  deny: deny.map((name) => principal(name)),
});
/** Needs one name of each group of names. */
const all = (...parts: readonly (readonly string[])[]): AccessList => ({
  ...list([]),
  allow: {
    relation: "AND",
    conditions: parts.map((names) => ({
      relation: "OR",
      principals: names.map((name) => principal(name)),
    })),
  },
});

test("names that come and go widen, narrow or change a list", () => {
  const cases = [
    [["hr"], ["hr", "eng"], "WIDENED"],
    [["hr", "eng"], ["hr"], "NARROWED"],
    [["hr"], ["eng"], "CHANGED"],
    [["hr", "eng"], ["eng", "hr"], "SAME"],
    [[], ["hr"], "WIDENED"],
    [["hr"], [], "NARROWED"],
  ] as const;
  for (const [before, after, expected] of cases) {
    assert.equal(compareAccess([list(before)], [list(after)]), expected, `${before} -> ${after}`);
  }
});

test("a denial narrows, and its end widens", () => {
  assert.equal(compareAccess([list(["hr"])], [list(["hr"], ["interns"])]), "NARROWED");
  assert.equal(compareAccess([list(["hr"], ["interns"])], [list(["hr"])]), "WIDENED");
  // Whom a denial meets, an entry that allows cannot help.
  assert.equal(compareAccess([list(["hr", "x"], ["x"])], [list(["hr"], ["x"])]), "SAME");
});

test("no list at all opens a document to everyone, and a list closes it again", () => {
  assert.equal(compareAccess([list(["hr"])], ["public"]), "OPENED");
  assert.equal(compareAccess([list([])], ["public"]), "OPENED");
  assert.equal(compareAccess(["public"], [list(["hr"])]), "NARROWED");
  assert.equal(compareAccess(["public"], ["public"]), "SAME");
});

test("a failed version's list is one more to pass", () => {
  assert.equal(compareAccess([list(["hr"])], [list(["hr"]), list(["eng"])]), "NARROWED");
  assert.equal(compareAccess(["public"], ["public", list(["eng"])]), "NARROWED");
  assert.equal(compareAccess([list(["hr"]), list(["eng"])], [list(["hr"])]), "WIDENED");
});

test("lists that ask for several names are compared by what they admit", () => {
  assert.equal(compareAccess([all(["hr"], ["eng"])], [list(["hr"])]), "WIDENED");
  assert.equal(compareAccess([list(["hr", "eng"])], [all(["hr"], ["eng"])]), "NARROWED");
  assert.equal(compareAccess([all(["hr"], ["eng"])], [all(["eng"], ["hr"])]), "SAME");
  const many = Array.from({ length: 9 }, (_, at) => [`g${at}`]);
  const others = many.map(([name]) => [`${name}x`]);
  assert.equal(compareAccess([all(...many)], [all(...others)]), "CHANGED", "too many to try");
  assert.equal(compareAccess([all(...many, ...others)], [all(...many, ...others)]), "SAME");
});

test("one name in another scope is another name", () => {
  const scoped = (dataSourceId: string): AccessList => ({
    ...list([]),
    dataSourceId,
    allow: {
      relation: "OR",
      conditions: [{ relation: "OR", principals: [{ ...principal("hr"), type: "DATASOURCE" }] }],
    },
  });
  assert.equal(compareAccess([scoped("a")], [scoped("b")]), "CHANGED");
  assert.equal(compareAccess([scoped("a")], [list(["hr"])]), "CHANGED");
});

test("the quick comparison of flat lists comes to what trying everything does", () => {
  const names = fc.subarray(["a", "b", "c", "d"]);
  const flat = fc.tuple(names, names).map(([allow, deny]) => list(allow, deny));
  let changes = 0;
  fc.assert(
    fc.property(flat, flat, (before, after) => {
      const isKept = impliesByTrial([before], [after]);
      const isNoWider = impliesByTrial([after], [before]);
      const expected = isKept
        ? isNoWider
          ? "SAME"
          : "WIDENED"
        : isNoWider
          ? "NARROWED"
          : "CHANGED";
      changes += expected === "CHANGED" ? 1 : 0;
      assert.equal(compareAccess([before], [after]), expected);
    }),
    { numRuns: 2000 },
  );
  assert.ok(changes > 100, "the lists differed");
});
