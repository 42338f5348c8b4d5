import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { AclEntry } from "./acl-entries.ts";
import { parseAclFile, type AclFile } from "./acl-file.ts";
import { accessHashOf } from "./fingerprint.ts";
import { accessConfigurationOf, accessOfRules, resolveAcl, ruleOf } from "./resolve-acl.ts";

const allow = (name: string, type: AclEntry["type"] = "USER"): AclEntry => ({
  name,
  type,
  access: "ALLOW",
});
const deny = (name: string, type: AclEntry["type"] = "USER"): AclEntry => ({
  name,
  type,
  access: "DENY",
});

function aclFile(...rules: readonly object[]): AclFile {
  const file = parseAclFile(new TextEncoder().encode(JSON.stringify(rules)), "kb");
  assert.ok("ruleFor" in file);
  return file;
}

const file = aclFile(
  { keyPrefix: "s3://kb/hr/", aclEntries: [{ Name: "Staff", Type: "GROUP", Access: "ALLOW" }] },
  { keyPrefix: "s3://kb/empty/", aclEntries: [] },
);

test("S9: a list in the metadata replaces the file's, it does not add to it", () => {
  const access = resolveAcl({
    key: "hr/a",
    metadataEntries: [allow("eva@x.com")],
    aclFile: file,
    unlisted: "allow",
  });
  assert.ok(access.kind === "restricted" && access.because === "metadata");
  assert.deepEqual(access.accessConfiguration, {
    accessControls: [
      {
        principals: [{ user: { id: "eva@x.com", access: "ALLOW", membershipType: "DATASOURCE" } }],
        memberRelation: "OR",
      },
    ],
    memberRelation: "OR",
  });
});

test("a group counts in the scope of the data source and of the index", () => {
  const access = resolveAcl({ key: "hr/a", aclFile: file, unlisted: "allow" });
  assert.ok(access.kind === "restricted" && access.prefix === "hr/");
  assert.deepEqual(access.accessConfiguration.accessControls[0]?.principals, [
    { group: { name: "Staff", access: "ALLOW", membershipType: "DATASOURCE" } },
    { group: { name: "Staff", access: "ALLOW", membershipType: "INDEX" } },
  ]);
});

test("S8: what the file does not list is open, unless the operator closes it", () => {
  const open = resolveAcl({ key: "other/a", aclFile: file, unlisted: "allow" });
  assert.deepEqual(open, { kind: "public", because: "unlisted" });
  const closed = resolveAcl({ key: "other/a", aclFile: file, unlisted: "deny" });
  assert.ok(closed.kind === "restricted" && closed.because === "unlistedClosed");
  assert.deepEqual(closed.accessConfiguration.accessControls, []);
});

test("without a file and without a list everything is open, whatever the operator's switch", () => {
  for (const unlisted of ["allow", "deny"] as const) {
    assert.deepEqual(resolveAcl({ key: "a", unlisted }), { kind: "public", because: "noAclFile" });
  }
});

test("S10: an empty list and a list of denials alone are no open door", () => {
  const empty = resolveAcl({ key: "empty/a", aclFile: file, unlisted: "allow" });
  assert.ok(empty.kind === "restricted" && empty.accessConfiguration.accessControls.length === 0);
  const own = resolveAcl({ key: "a", metadataEntries: [], aclFile: file, unlisted: "allow" });
  assert.ok(own.kind === "restricted" && own.accessConfiguration.accessControls.length === 0);
  const denied = accessConfigurationOf([deny("a@x.com")]);
  assert.equal(denied.accessControls[0]?.principals.length, 1);
});

test("S10: who is allowed and denied is denied, in any order and spelling", () => {
  for (const entries of [
    [allow("Eva@x.com"), deny("eva+1@X.com")],
    [deny("eva@x.com"), allow("eva@x.com"), allow("EVA@x.com")],
  ]) {
    assert.deepEqual(accessConfigurationOf(entries), accessConfigurationOf([deny("eva@x.com")]));
  }
});

test("S11: user names are compared as addresses, group names exactly", () => {
  const users = accessConfigurationOf([allow("Eva+a@X.com"), allow("eva@x.com")]);
  assert.equal(users.accessControls[0]?.principals.length, 1);
  const groups = accessConfigurationOf([
    allow("Staff", "GROUP"),
    allow("staff", "GROUP"),
    allow("A+b@x", "GROUP"),
  ]);
  const names = groups.accessControls[0]?.principals.map((one) => "group" in one && one.group.name);
  assert.deepEqual(names, ["A+b@x", "A+b@x", "Staff", "Staff", "staff", "staff"]);
});

test("each rule says what it says of its own prefix, also where another one goes on from it", () => {
  const entriesOf = (name: string) => [{ Name: name, Type: "USER", Access: "ALLOW" }];
  const aclRules = aclFile(
    { keyPrefix: "s3://kb/a", aclEntries: entriesOf("ada@x.com") },
    { keyPrefix: "s3://kb/ax", aclEntries: entriesOf("bob@x.com") },
    { keyPrefix: "s3://kb/b", aclEntries: [] },
  );
  const rules = accessOfRules({ aclFile: aclRules, unlisted: "deny" });
  assert.deepEqual([...rules.keys()], ["a", "ax", "b", undefined]);
  for (const [prefix, access] of rules) {
    assert.deepEqual(ruleOf(access), { prefix });
    const key = prefix === undefined ? "elsewhere" : `${prefix}/1`;
    assert.deepEqual(access, resolveAcl({ key, aclFile: aclRules, unlisted: "deny" }));
  }
});

test("a list of a document's own follows no rule, not even that of the keys that none covers", () => {
  const own = resolveAcl({ key: "a", metadataEntries: [allow("eva@x.com")], unlisted: "allow" });
  assert.equal(ruleOf(own), undefined);
  assert.deepEqual(ruleOf(resolveAcl({ key: "a", unlisted: "allow" })), { prefix: undefined });
});

test("equal lists have one form, whatever their order and repetitions", () => {
  const entry = fc.record({
    name: fc.constantFrom("a@x.com", "A@x.com", "b@x.com", "g", "G"),
    type: fc.constantFrom("USER" as const, "GROUP" as const),
    access: fc.constantFrom("ALLOW" as const, "DENY" as const),
  });
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat()),
      (entries, numbers) => {
        const shuffled = [...entries, ...entries].map((one) => ({
          one,
          at: numbers.next().value ?? 0,
        }));
        const other = shuffled.sort((a, b) => a.at - b.at).map(({ one }) => one);
        const hash = (list: readonly AclEntry[]): string =>
          accessHashOf(resolveAcl({ key: "k", metadataEntries: list, unlisted: "allow" }));
        assert.equal(hash(entries), hash(other));
        assert.notEqual(hash(entries), "public");
      },
    ),
  );
});
