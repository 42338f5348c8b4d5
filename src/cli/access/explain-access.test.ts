import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckDocumentAccessResponse, DocumentAclCondition } from "../../contract/contract.ts";
import { explainAccess } from "./explain-access.ts";

const none = { memberRelation: "OR", conditions: [] } as const;
const ada = {
  userAliases: [
    { id: "Ada+work@X.com", type: "INDEX" },
    { id: "al", type: "DATASOURCE" },
  ],
  userGroups: [
    { name: "eng", type: "INDEX" },
    { name: "wiki", type: "DATASOURCE" },
  ],
} as const;
const groups = (
  memberRelation: "AND" | "OR",
  ...names: readonly string[]
): DocumentAclCondition => ({
  memberRelation,
  users: [],
  groups: names.map((name) => ({ name, type: "INDEX" as const })),
});
const reasons = (
  hasAccess: boolean,
  allow: readonly DocumentAclCondition[],
  more: { readonly relation?: "AND" | "OR"; readonly deny?: readonly DocumentAclCondition[] } = {},
): readonly string[] => {
  const { relation = "OR", deny = [] } = more;
  const answer: CheckDocumentAccessResponse = {
    ...ada,
    hasAccess,
    documentAcl: {
      allowlist: { memberRelation: relation, conditions: allow },
      denyList: { memberRelation: "OR", conditions: deny },
    },
  };
  return explainAccess(answer).reasons;
};

test("a document without a list is open, unless nobody sees it", () => {
  const documentAcl = { allowlist: none, denyList: none };
  const open = explainAccess({ ...ada, hasAccess: true, documentAcl });
  assert.deepEqual([open.isOpen, open.hasAccess], [true, true]);
  const closed = explainAccess({ ...ada, hasAccess: false, documentAcl });
  assert.deepEqual([closed.isOpen, closed.hasAccess], [false, false]);
  assert.match(closed.reasons[0] ?? "", /nobody sees it/);
  assert.equal(explainAccess({}).hasAccess, false);
});

test("what allows is named", () => {
  assert.deepEqual(reasons(true, [groups("OR", "hr", "eng")]), ['Allowed: group "eng".']);
  const user = { memberRelation: "OR", users: [{ id: "ada@x.com", type: "DATASOURCE" }] } as const;
  assert.deepEqual(reasons(true, [user]), ['Allowed: user "ada@x.com" of the data source.']);
});

test("what is missing is named", () => {
  assert.deepEqual(reasons(false, [groups("OR", "hr")]), ['None of them: group "hr".']);
  assert.deepEqual(reasons(false, [groups("AND", "eng", "hr")]), [
    'Not all of them: group "hr" missing.',
  ]);
  assert.deepEqual(reasons(false, [groups("OR", "eng"), groups("OR", "hr")], { relation: "AND" }), [
    "All of these must hold:",
    'Allowed: group "eng".',
    'None of them: group "hr".',
  ]);
});

test("a denial is the reason, whatever allows", () => {
  const deny = [groups("OR", "eng", "interns")];
  assert.deepEqual(reasons(false, [groups("OR", "eng")], { deny }), ['Denied: group "eng".']);
});

test("names of a data source are not names of the index", () => {
  const wiki = {
    memberRelation: "OR",
    users: [],
    groups: [{ name: "wiki", type: "INDEX" }],
  } as const;
  assert.deepEqual(reasons(false, [wiki]), ['None of them: group "wiki".']);
});

test("in an anonymous application no list lets anybody in, whoever is asked about", () => {
  const user = { memberRelation: "OR", users: [{ id: "ada@x.com", type: "DATASOURCE" }] } as const;
  const allowlist = { memberRelation: "OR", conditions: [user] } as const;
  const listed = { ...ada, hasAccess: false, documentAcl: { allowlist, denyList: none } };
  const { reasons: told } = explainAccess(listed, { isAnonymous: true });
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /anonymous: its visitors have no names/);
  const open = { ...ada, hasAccess: true, documentAcl: { allowlist: none, denyList: none } };
  assert.deepEqual(explainAccess(open, { isAnonymous: true }), explainAccess(open));
});
