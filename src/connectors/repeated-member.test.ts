import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseAclFile } from "./acl-file.ts";
import { parseMetadata } from "./metadata-file.ts";
import { repeatedMember } from "./repeated-member.ts";

test("a name twice in one object is found, however it is written and however deep", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['{"a":1,"a":1}', "a"],
    ['{"a":1,"\\u0061":2}', "a"],
    ['[0,{"x":[{"b":{},"c":"b","b":null}]}]', "b"],
    ['{"":1,"":2}', ""],
    ['{"a":{"a":{"a":[]}},"b":["a","a"]}', undefined],
    ['[{"a":1},{"a":1}]', undefined],
    ['{"a":"{\\"a\\":1,\\"a\\":2}","b":"a"}', undefined],
    ['{"a\\\\":1,"a":"\\\\","b":","}', undefined],
    ['{"__proto__":1,"constructor":2}', undefined],
    ['{"a":1,"A":2,"a ":3}', undefined],
    ['"a"', undefined],
    ["[]", undefined],
  ];
  for (const [text, expected] of cases) {
    assert.doesNotThrow(() => JSON.parse(text), text);
    assert.equal(repeatedMember(text), expected, text);
  }
});

test("an object of many names is looked through as one of few", () => {
  const names = Array.from({ length: 5000 }, (_, n) => `"n${n}":{}`);
  assert.equal(repeatedMember(`{${names.join(",")}}`), undefined);
  for (const n of [0, 15, 16, 17, 4999]) {
    assert.equal(repeatedMember(`{${names.join(",")},"n${n}":0}`), `n${n}`);
  }
});

type Tree = string | number | readonly Tree[] | Members;
type Members = { readonly members: readonly (readonly [string, Tree])[] };

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Tree>("a", '"a":1,"a"', "}{,[]", "\\", 7),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.record({
      members: fc.array(fc.tuple(fc.constantFrom("a", "b", '"', "\\", "c,"), tie("tree")), {
        maxLength: 3,
      }),
    }),
  ),
}));

const isList = (value: Tree): value is readonly Tree[] => Array.isArray(value);

function written(value: Tree): string {
  if (typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[ ${value.map(written).join(" , ")} ]`;
  const members = value.members.map(([name, one]) => `${JSON.stringify(name)} : ${written(one)}`);
  return `{ ${members.join(",\n")} }`;
}

function repeats(value: Tree): boolean {
  if (typeof value !== "object") return false;
  if (isList(value)) return value.some(repeats);
  const names = value.members.map(([name]) => name);
  return new Set(names).size < names.length || value.members.some(([, one]) => repeats(one));
}

test("it finds what a walk through the members finds", () => {
  let found = 0;
  fc.assert(
    fc.property(tree, (value) => {
      const expected = repeats(value);
      if (expected) found += 1;
      assert.equal(repeatedMember(written(value)) !== undefined, expected);
    }),
    { numRuns: 500 },
  );
  assert.ok(found > 10, `${found} of the texts repeat a name`);
});

test("a control file that says a thing twice is not valid: one of the two would be lost", () => {
  const lists = ["DENY", "ALLOW"].map((access) =>
    JSON.stringify([{ Name: "a@x.com", Type: "USER", Access: access }]),
  );
  const acl = `[{"keyPrefix":"s3://kb/","aclEntries":${lists[0]},"aclEntries":${lists[1]}}]`;
  const file = parseAclFile(Buffer.from(acl), "kb");
  assert.ok("error" in file);
  assert.equal(file.code, "S3-5103");
  assert.match(file.error, /"aclEntries" twice/);
  const metadata = `{"AccessControlList":${lists[0]},"AccessControlList":${lists[1]}}`;
  const parsed = parseMetadata(Buffer.from(metadata));
  assert.ok("error" in parsed);
  assert.equal(parsed.code, "S3-5104");
  assert.match(parsed.error, /"AccessControlList" twice/);
});

test("a large file takes no longer than to parse it, about", () => {
  const rule = { keyPrefix: "s3://kb/folder/", aclEntries: [{ Name: "n", Type: "USER" }] };
  const text = JSON.stringify(Array.from({ length: 50_000 }, () => rule));
  const from = performance.now();
  assert.equal(repeatedMember(text), undefined);
  assert.ok(performance.now() - from < 3000);
});
