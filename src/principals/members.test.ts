import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMembers, encodeMembers, type GroupMember } from "./members.ts";
import { readMembersText } from "./members-text.ts";
import { readMembersFile } from "./read-members-file.ts";

const options = { groupType: "DATASOURCE", membersMax: 5 } as const;
const ada: GroupMember = { kind: "user", type: "DATASOURCE", name: "ada@x.com" };
const emea: GroupMember = { kind: "group", type: "INDEX", name: "emea" };

test("members without a type are what the group is; users are canonical, groups as written", () => {
  const members = checkMembers("DATASOURCE", {
    memberUsers: [{ userId: "Ada+1@X.com" }, { userId: "Ada+1@X.com", type: "INDEX" }],
    memberGroups: [{ groupName: "Emea@x.com" }],
  });
  assert.deepEqual(members, [
    ada,
    { ...ada, type: "INDEX" },
    { kind: "group", type: "DATASOURCE", name: "Emea@x.com" },
  ]);
  assert.deepEqual(checkMembers("INDEX", {}), []);
});

test("an index-wide group has no members of a data source", () => {
  const issue = checkMembers("INDEX", {
    memberUsers: [{ userId: "a" }, { userId: "b", type: "DATASOURCE" }],
  });
  assert.ok("field" in issue);
  assert.equal(issue.field, "memberUsers.1.type");
});

test("members travel in pieces, all of them, each with what it is", () => {
  const members = Array.from({ length: 45_001 }, (_, i) => ({ ...ada, name: `u${i}` }));
  const pieces = encodeMembers([emea, ...members]);
  assert.deepEqual(pieces[0], { kind: "group", type: "INDEX", names: '["emea"]' });
  assert.equal(pieces.length, 4);
  const all = pieces
    .slice(1)
    .flatMap(({ kind, type, names }) =>
      (JSON.parse(names) as string[]).map((name) => ({ kind, type, name })),
    );
  assert.deepEqual(all, members);
  assert.deepEqual(encodeMembers([]), []);
});

test("no member travels as what another one is", () => {
  const one = (kind: GroupMember["kind"], type: GroupMember["type"], name: string) =>
    ({ kind, type, name }) as const;
  const members = ["a", "b"].flatMap((name) => [
    one("user", "INDEX", name),
    one("user", "DATASOURCE", name),
    one("group", "INDEX", name),
    one("group", "DATASOURCE", name),
  ]);
  const textOf = ({ kind, type, name }: GroupMember): string => `${kind} ${type} ${name}`;
  const arrived = encodeMembers(members).flatMap(({ kind, type, names }) =>
    (JSON.parse(names) as string[]).map((name) => textOf({ kind, type, name })),
  );
  assert.deepEqual(arrived.sort(), members.map(textOf).sort());
});

const valid: readonly string[] = [
  '{"groupMembers":{"memberUsers":[{"userId":"ADA@x.com"}],"memberGroups":[{"groupName":"emea","type":"INDEX"}]}}',
  '\uFEFF{"memberUsers":[{"userId":"ada+x@x.com","type":"DATASOURCE"}],"memberGroups":[{"groupName":"emea","type":"INDEX"}]}',
  '{"type":"USER","userId":"ada@x.com"}\n{"type":"GROUP","groupName":"emea","membershipType":"INDEX"}\n',
  '\n{"type":"USER","id":"ada@x.com"}\r\n\r\n{"type":"GROUP","id":"emea","membershipType":"INDEX"}',
  '[{"type":"USER","userId":"ada@x.com"},{"type":"GROUP","groupName":"emea","membershipType":"INDEX"}]',
];

for (const text of valid) {
  test(`a members file may read ${text.slice(0, 40).trim()}…`, () => {
    assert.deepEqual(readMembersText(text, options), { members: [ada, emea] });
  });
}

test("names in a file are as long as those in a call: 1024 characters, whatever their size", () => {
  const fileOf = (name: string): string => JSON.stringify({ type: "GROUP", groupName: name });
  const fits = "\u{1F332}".repeat(1024);
  assert.deepEqual(readMembersText(fileOf(fits), options), {
    members: [{ kind: "group", type: "DATASOURCE", name: fits }],
  });
  for (const long of [`${fits}x`, "x".repeat(1025), "\u{1F332}".repeat(5000)]) {
    assert.ok("problem" in readMembersText(fileOf(long), options));
  }
});

test("a file of one line, and one that empties the group", () => {
  assert.deepEqual(readMembersText('{"type":"USER","userId":"ada@x.com"}', options), {
    members: [ada],
  });
  assert.deepEqual(readMembersText('{"memberUsers":[]}', options), { members: [] });
});

test("as many members as are allowed are taken in each form, and all kinds count together", () => {
  const line = { type: "USER", userId: "a", membershipType: "INDEX" };
  const some = (count: number): readonly object[] => Array.from({ length: count }, () => line);
  const forms: readonly ((count: number) => string)[] = [
    (count) =>
      some(count)
        .map((one) => JSON.stringify(one))
        .join("\n"),
    (count) => JSON.stringify(some(count)),
    (count) => {
      const memberGroups = [{ groupName: "g" }, { groupName: "h" }];
      const memberUsers = some(count - 2).map(() => ({ userId: "a" }));
      return JSON.stringify({ memberUsers, memberGroups });
    },
  ];
  for (const form of forms) {
    const taken = readMembersText(form(5), options);
    assert.equal("members" in taken && taken.members.length, 5);
    const refused = readMembersText(form(6), options);
    assert.match("problem" in refused ? refused.problem : "taken", /more than 5 members/);
  }
});

test("a line of a user may say its scope, and its own name for the id counts before the short one", () => {
  const line = { type: "USER", userId: "ada@x.com", id: "7", membershipType: "INDEX" };
  const expected = { members: [{ ...ada, type: "INDEX" }] };
  assert.deepEqual(readMembersText(JSON.stringify(line), options), expected);
});

const invalid: readonly (readonly [string, RegExp])[] = [
  ["", /empty/],
  ["  \n ", /empty/],
  ["null", /not a JSON object/],
  ["7", /not a JSON object/],
  ["{}", /neither "memberUsers" nor/],
  ['{"groupMembers":[]}', /neither "memberUsers" nor/],
  ['{"memberUsers":{}}', /"memberUsers" in the members file is not a list/],
  ['{"memberGroups":["g"]}', /"memberGroups" in the members file is not a list/],
  ['{"memberUsers":[{"userId":""}]}', /memberUsers\[0\] of the members file has no name/],
  ['{"memberUsers":[{"userId":"a"},{"id":"b"}]}', /memberUsers\[1\]/],
  ['{"memberUsers":[{"userId":"a\\u0000b"}]}', /printable/],
  [`{"memberGroups":[{"groupName":"${"x".repeat(1025)}"}]}`, /1 to 1024/],
  ['{"memberUsers":[{"userId":"a","type":"USER"}]}', /other than INDEX or DATASOURCE/],
  ['{"type":"ROBOT","id":"a"}', /no "type" of USER or GROUP/],
  ['{"type":"USER","id":"a"}\n{"id":"b"}', /Line 2 of the members file has no "type"/],
  ['{"type":"USER","id":"a"}\n[]', /Line 2 of the members file is not an object/],
  ['{"type":"USER","id":"a"}\n{', /Line 2 of the members file is not JSON/],
  ["[7]", /Entry 1 of the members file is not an object/],
  [
    JSON.stringify({ memberUsers: Array.from({ length: 6 }, () => ({ userId: "a" })) }),
    /more than 5 members/,
  ],
  [Array.from({ length: 6 }, () => '{"type":"USER","id":"a"}').join("\n"), /more than 5 members/],
  [
    JSON.stringify(Array.from({ length: 6 }, () => ({ type: "USER", id: "a" }))),
    /more than 5 members/,
  ],
];

test("what is not understood is refused as a whole, and the reason names the place", () => {
  for (const [text, reason] of invalid) {
    const read = readMembersText(text, options);
    assert.match("problem" in read ? read.problem : "taken", reason, text.slice(0, 60));
  }
  const scoped = '{"memberUsers":[{"userId":"a","type":"DATASOURCE"}]}';
  const read = readMembersText(scoped, { ...options, groupType: "INDEX" });
  assert.match("problem" in read ? read.problem : "taken", /must be of type INDEX/);
});

test("files are read in a thread, which can be given up", async () => {
  const { signal } = new AbortController();
  const file = (bytes: Uint8Array) => readMembersFile({ ...options, bytes }, { signal });
  assert.deepEqual(await file(Buffer.from(valid[0] ?? "")), { pieces: encodeMembers([ada, emea]) });
  assert.deepEqual(await file(Buffer.from([0xff, 0xfe, 0x7b])), {
    problem: "The members file is not UTF-8.",
  });
  // Deeper than any parser goes: the file's fault, not a crash.
  assert.ok("problem" in (await file(Buffer.from("[".repeat(2_000_000)))));
  const given = AbortSignal.abort(new Error("stopped"));
  const input = { ...options, bytes: Buffer.from("") };
  await assert.rejects(readMembersFile(input, { signal: given }), /stopped/);
  const later = new AbortController();
  const waiting = readMembersFile(input, { signal: later.signal });
  later.abort(new Error("stopped while reading"));
  await assert.rejects(waiting, /stopped while reading/);
});
