import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { aclFileBytesMax, parseAclFile, type AclFile } from "./acl-file.ts";

const user = (Name: string, Access = "ALLOW"): object => ({ Name, Type: "USER", Access });
const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

function fileOf(value: unknown): AclFile {
  const file = parseAclFile(bytes(value), "kb");
  assert.ok("ruleFor" in file, "error" in file ? file.error : "");
  return file;
}

test("S9: the longest prefix alone decides", () => {
  const file = fileOf([
    { keyPrefix: "s3://kb/finance/", aclEntries: [user("team")] },
    { keyPrefix: "s3://kb/finance/board/minutes.pdf", aclEntries: [user("cfo")] },
    { keyPrefix: "s3://kb/fin", aclEntries: [user("wide")] },
  ]);
  const nameAt = (key: string): string | undefined =>
    file
      .ruleFor(key)
      ?.entries.map(({ name }) => name)
      .join();
  assert.equal(nameAt("finance/a.pdf"), "team");
  assert.equal(nameAt("finance/board/minutes.pdf"), "cfo");
  assert.equal(nameAt("finance/board/minutes.pdf.bak"), "cfo");
  assert.equal(nameAt("fine/x"), "wide");
  assert.equal(nameAt("Finance/a.pdf"), undefined);
});

test("a prefix is a plain starts-with, and the same one twice adds up", () => {
  const file = fileOf([
    { keyPrefix: "s3://kb/hr", aclEntries: [user("a")] },
    { keyPrefix: "s3://kb/hr", aclEntries: [user("b", "DENY")] },
  ]);
  assert.deepEqual(
    file.ruleFor("hr-public/x")?.entries.map(({ name }) => name),
    ["a", "b"],
  );
  assert.equal(file.prefixes, 1);
});

test("the bucket itself is a prefix of everything, and an empty list lists it", () => {
  for (const keyPrefix of ["s3://kb/", "s3://kb"]) {
    assert.deepEqual(fileOf([{ keyPrefix, aclEntries: [] }]).ruleFor("any"), {
      prefix: "",
      entries: [],
    });
  }
  assert.equal(fileOf([]).ruleFor("any"), undefined);
});

test("S6: a file with anything unexpected is malformed as a whole", () => {
  const good = { keyPrefix: "s3://kb/a/", aclEntries: [user("a")] };
  const bad: unknown[] = [
    "",
    "{",
    "null",
    {},
    "[",
    "\uFEFF[]",
    [null],
    [[]],
    [5],
    [{}],
    [good, {}],
    [{ keyPrefix: "a/", aclEntries: [user("a")] }],
    [{ keyPrefix: "/a/", aclEntries: [user("a")] }],
    [{ keyPrefix: "s3://other/a/", aclEntries: [user("a")] }],
    [{ keyPrefix: "s3://kb-2/a/", aclEntries: [user("a")] }],
    [{ keyPrefix: "S3://kb/a/", aclEntries: [user("a")] }],
    [{ keyPrefix: 5, aclEntries: [user("a")] }],
    [{ keyPrefix: ["s3://kb/a/"], aclEntries: [user("a")] }],
    [{ keyPrefix: "s3://kb/a/" }],
    [{ keyPrefix: "s3://kb/a/", aclEntries: {} }],
    [{ keyPrefix: "s3://kb/a/", AclEntries: [user("a")] }],
    [{ keyPrefix: "s3://kb/a/", aclEntries: [{ Name: "a", Type: "USER" }] }],
    [{ keyPrefix: "s3://kb/a/", aclEntries: [{ Name: "a", Type: "ROLE", Access: "ALLOW" }] }],
    [{ keyPrefix: "s3://kb/a/", aclEntries: [{ Name: " ", Type: "USER", Access: "ALLOW" }] }],
  ];
  for (const value of bad) {
    const file = parseAclFile(bytes(value), "kb");
    assert.ok("code" in file && file.code === "S3-5103", JSON.stringify(value));
  }
});

test("a file of exactly the limit is read, one of a byte more is malformed", () => {
  const file = Buffer.alloc(aclFileBytesMax + 1, " ");
  file.write("[]");
  assert.ok("ruleFor" in parseAclFile(file.subarray(0, -1), "kb"));
  assert.ok("code" in parseAclFile(file, "kb"));
});

test("names are taken as they are written, with the spaces around them", () => {
  const file = fileOf([{ keyPrefix: "s3://kb/", aclEntries: [user(" a "), user("a")] }]);
  assert.deepEqual(
    file.rules[0]?.entries.map(({ name }) => name),
    [" a ", "a"],
  );
});

test("more than a hundred prefixes are advised against, not refused", () => {
  const rules = (count: number): object[] =>
    Array.from({ length: count }, (_, n) => ({
      keyPrefix: `s3://kb/${n}/`,
      aclEntries: [user("a")],
    }));
  assert.deepEqual(fileOf(rules(100)).warnings, []);
  assert.equal(fileOf(rules(101)).warnings.length, 1);
});

test("the longest prefix is what a search through all of them finds", () => {
  const part = fc
    .array(fc.constantFrom("a", "b", "/"), { maxLength: 5 })
    .map((chars) => chars.join(""));
  fc.assert(
    fc.property(fc.uniqueArray(part, { maxLength: 8 }), part, (prefixes, key) => {
      const file = fileOf(
        prefixes.map((prefix) => ({
          keyPrefix: `s3://kb/${prefix}`,
          aclEntries: [user(`u${prefix}`)],
        })),
      );
      const plain = prefixes
        .filter((prefix) => key.startsWith(prefix))
        .sort((a, b) => b.length - a.length)[0];
      assert.equal(file.ruleFor(key)?.prefix, plain);
    }),
  );
});
