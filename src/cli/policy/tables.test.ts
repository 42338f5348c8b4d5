import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { policyFolder, policyOf } from "../testing/policy-console.ts";

const account = "111122223333";
const decision = {
  id: "read",
  group: "match",
  request: {
    principal: `arn:aws:iam::${account}:user/alice`,
    action: "s3:GetObject",
    resource: "arn:aws:s3:::docs/a",
    resourceAccount: account,
    context: {},
  },
  policies: { identity: [policyOf({ Action: "s3:Get*", Resource: "*" })] },
  expect: "Allow",
  why: "the star covers it",
};
const validation = {
  id: "comma",
  policyType: "IDENTITY_POLICY",
  documentText:
    '{"Version":"2012-10-17",,"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}',
  create: { accepted: false, code: "MalformedPolicyDocument", message: "Syntax errors in policy." },
  findings: [{ type: "ERROR", code: "JSON_SYNTAX_ERROR", location: { line: 1, column: 24 } }],
};

type Report = {
  readonly groups: readonly {
    group: string;
    agreed: number;
    differing: number;
    notScored: number;
  }[];
  readonly differences: readonly { id: string; differences: readonly string[] }[];
  readonly reported: readonly { id: string; notes: readonly string[] }[];
};

async function runTable(...cases: readonly unknown[]): Promise<{ code: number; report: Report }> {
  await using folder = await policyFolder();
  await folder.put("table.json", { format: 1, cases });
  const { code, out, err } = await folder.run(["test", "table.json", "--json"]);
  assert.equal(err, "");
  return { code, report: JSON.parse(out) as Report };
}

async function differencesOf(one: unknown): Promise<readonly string[]> {
  const { code, report } = await runTable(one);
  const differences = report.differences.flatMap((each) => each.differences);
  assert.equal(code, differences.length > 0 ? 1 : 0);
  return differences;
}

test("the counts of each group are printed, and each difference with its reason", async () => {
  await using folder = await policyFolder();
  const wrong = { ...decision, id: "wrong", expect: "ExplicitDeny" };
  await folder.put("table.json", { cases: [decision, wrong, validation] });
  const { code, out, err } = await folder.run(["test", "table.json"]);
  assert.deepEqual([code, err], [1, ""]);
  assert.equal(
    out,
    [
      "group        agreed  differing  not scored",
      "match        1       1          0",
      "validations  1       0          0",
      "all          2       1          0",
      "",
      "table.json wrong  got Allow, expected ExplicitDeny (the star covers it)",
      "",
    ].join("\n"),
  );
});

test("all shared tables agree", async (t) => {
  const names = ["decisions.json", "validation.json"];
  const files = names.map((name) =>
    fileURLToPath(new URL(`../../../../shared/data/iam/${name}`, import.meta.url)),
  );
  if (!files.every((file) => existsSync(file))) return t.skip("shared/data/iam is not here");
  await using folder = await policyFolder();
  const { code, out } = await folder.run(["test", ...files, "--json"]);
  const { groups, differences } = JSON.parse(out) as Report;
  for (const { group, agreed, notScored } of groups) {
    t.diagnostic(`${group}: ${agreed} agree, ${notScored} not scored`);
  }
  assert.deepEqual([code, differences], [0, []]);
  assert.equal(
    groups.reduce((sum, { agreed, notScored }) => sum + agreed + notScored, 0),
    136 + 28,
  );
  // A table that cannot fail proves nothing: turned round, every case differs.
  const [decisions = ""] = files;
  const table = JSON.parse(readFileSync(decisions, "utf8")) as { cases: { expect: string }[] };
  const cases = table.cases.map((one) => ({
    ...one,
    expect: one.expect === "Allow" ? "ExplicitDeny" : "Allow",
  }));
  const turned = await runTable(...cases);
  assert.equal(turned.code, 1);
  const disputed = turned.report.groups.reduce((sum, { notScored }) => sum + notScored, 0);
  assert.equal(turned.report.differences.length, 136 - disputed);
});

test("disputed decisions and uncertain findings are reported, not scored", async () => {
  const disputed = { ...decision, expect: "ImplicitDeny", basis: "disputed" };
  const open = { ...validation, id: "open", create: { accepted: true }, uncertain: ["create"] };
  const unsure = { ...validation, id: "unsure", findings: [], uncertain: ["JSON_SYNTAX_ERROR"] };
  const { code, report } = await runTable(disputed, open, unsure);
  assert.equal(code, 0);
  assert.deepEqual(report.groups, [
    { group: "match", agreed: 0, differing: 0, notScored: 1 },
    { group: "validations", agreed: 2, differing: 0, notScored: 0 },
  ]);
  assert.deepEqual(
    report.reported.map(({ id, notes }) => [id, ...notes]),
    [
      ["read", "disputed: got Allow, given ImplicitDeny"],
      [
        "open",
        "uncertain: create",
        "not scored: refused (Syntax errors in policy.), expected to be taken",
      ],
      ["unsure", "uncertain: JSON_SYNTAX_ERROR"],
    ],
  );
  const inferred = { ...decision, expect: "ImplicitDeny", basis: "inferred" };
  assert.deepEqual(await differencesOf(inferred), ["got Allow, expected ImplicitDeny"]);
});

test("each part of a validation is compared", async () => {
  const rows: readonly (readonly [object, readonly string[]])[] = [
    [{}, []],
    [{ create: { accepted: true } }, ["refused (Syntax errors in policy.), expected to be taken"]],
    [
      { create: { accepted: false, code: "Other" } },
      ["refused with the code MalformedPolicyDocument, expected Other"],
    ],
    [
      { create: { accepted: false, message: "No." } },
      ["refused with the message Syntax errors in policy., expected No."],
    ],
    [{ findings: [] }, ["found ERROR JSON_SYNTAX_ERROR unexpectedly"]],
    [
      { findings: [...validation.findings, { type: "ERROR", code: "OTHER" }] },
      ["did not find ERROR OTHER"],
    ],
    [
      {
        findings: [{ type: "ERROR", code: "JSON_SYNTAX_ERROR", location: { line: 1, column: 25 } }],
      },
      ["found ERROR JSON_SYNTAX_ERROR, but not at 1:25"],
    ],
  ];
  for (const [change, differences] of rows) {
    assert.deepEqual(await differencesOf({ ...validation, ...change }), differences);
  }
});

test("every layer of a decision counts", async () => {
  const deny = policyOf({ Effect: "Deny", Action: "*", Resource: "*" });
  const allow = policyOf({ Action: "*", Resource: "*" });
  const expectOf = async (policies: object, expect: string, request: object = {}) => {
    const one = {
      ...decision,
      request: { ...decision.request, ...request },
      policies: { ...decision.policies, ...policies },
      expect,
    };
    assert.deepEqual(await differencesOf(one), [], JSON.stringify(policies));
  };
  for (const layer of ["boundary", "session"]) {
    await expectOf({ [layer]: [deny] }, "ExplicitDeny");
    await expectOf({ [layer]: [] }, "ImplicitDeny");
    await expectOf({ [layer]: allow }, "Allow");
  }
  await expectOf({ scp: [[allow], []] }, "ImplicitDeny");
  await expectOf({ scp: [[allow], [allow]] }, "Allow");
  const everyone = policyOf({ Effect: "Deny", Principal: "*", Action: "*", Resource: "*" });
  await expectOf({ rcp: [[everyone]] }, "ExplicitDeny");
  await expectOf({ resource: everyone }, "ExplicitDeny");
  const arn = "arn:aws:s3:::docs/a";
  const several = { resource: undefined, resources: [{ arn }, { arn: "arn:aws:s3:::x" }] };
  await expectOf({ identity: [policyOf({ Action: "*", Resource: arn })] }, "ImplicitDeny", several);
});

test("grants of a key, with their encryption context, count", async () => {
  const role = `arn:aws:iam::${account}:role/R`;
  const constraints = { EncryptionContextEquals: { app: "a" } };
  const one = (context: object): object => ({
    ...decision,
    request: {
      ...decision.request,
      principal: role,
      action: "kms:Decrypt",
      resource: `arn:aws:kms:us-east-1:${account}:key/k`,
      context,
    },
    policies: {
      identity: [],
      resource: policyOf({ Principal: { AWS: account }, Action: "kms:*", Resource: "*" }),
      grants: [{ granteePrincipal: role, operations: ["Decrypt"], constraints }],
    },
  });
  assert.deepEqual(await differencesOf(one({ "kms:EncryptionContext:app": "a" })), []);
  const other = await differencesOf(one({ "kms:EncryptionContext:app": "b" }));
  assert.deepEqual(other, ["got ImplicitDeny, expected Allow"]);
});

test("a policy or a principal that cannot be read is a difference, not the end", async () => {
  const broken = { ...decision, policies: { identity: ['{"Version":"2012-10-17",,}'] } };
  const [first] = await differencesOf(broken);
  assert.match(first ?? "", /^got identity\[0\]:1:24: unexpected comma/);
  const nobody = { ...decision, request: { ...decision.request, principal: "alice" } };
  assert.deepEqual(await differencesOf(nobody), ["got no principal (alice), expected Allow"]);
});

test("a table that cannot be read is one line with the case and the member, and exit code 2", async () => {
  await using folder = await policyFolder();
  const grants = [{ granteePrincipal: "x", operations: "Decrypt" }];
  const rows: readonly (readonly [unknown, RegExp])[] = [
    ["{", /table\.json is no JSON/],
    [{ cases: [] }, /table\.json has no "cases"/],
    [{ decisions: [] }, /table\.json has no "cases"/],
    [{ cases: [1] }, /table\.json: case 1: the case must be an object\./],
    [{ cases: [decision, { id: "x" }] }, /case 2 \(x\): the case must be a decision \(request\)/],
    [{ cases: [{ ...decision, expect: "Yes" }] }, /case 1 \(read\): expect must be Allow, Impl/],
    [{ cases: [{ ...decision, request: { action: "a:b" } }] }, /request\.principal must be text/],
    [{ cases: [{ ...decision, policies: [] }] }, /policies must be an object/],
    [
      { cases: [{ ...decision, request: { ...decision.request, context: { a: 1 } } }] },
      /request\.context must be an object of texts and lists of texts/,
    ],
    [
      { cases: [{ ...decision, request: { ...decision.request, resources: [{}] } }] },
      /request\.resources\[0\]\.arn must be text/,
    ],
    [
      { cases: [{ ...decision, policies: { grants } }] },
      /policies\.grants\[0\]\.operations must be a list of texts/,
    ],
    [{ cases: [{ ...validation, policyType: "X" }] }, /policyType must be IDENTITY_POLICY, TRUST/],
    [{ cases: [{ ...validation, create: { accepted: 1 } }] }, /create\.accepted must be true/],
    [{ cases: [{ ...validation, findings: [null] }] }, /findings\[0\] must be an object/],
  ];
  for (const [table, line] of rows) {
    await folder.put("table.json", typeof table === "string" ? table : (table as object));
    const { code, out, err } = await folder.run(["test", "table.json"]);
    assert.deepEqual([code, out], [2, ""], JSON.stringify(table));
    assert.match(err, line);
    assert.equal(err.split("\n").length, 2, err);
  }
  assert.equal((await folder.run(["test"])).code, 2);
});

test("a document nested without end is refused in one line", async () => {
  await using folder = await policyFolder();
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const text = JSON.stringify({ ...decision, policies: { identity: [] } });
  const table = `{"cases":[${text.replace('"identity":[]', `"identity":{"a":${deep}}`)}]}`;
  await folder.put("table.json", table);
  const { code, err } = await folder.run(["test", "table.json"]);
  assert.equal(code, 2);
  assert.match(err, /case 1 \(read\): policies\.identity must be nested less deeply\.\n$/);
});

test("random tables end with an exit code and one line at most, never a crash", async () => {
  await using folder = await policyFolder();
  const member = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined));
  const cases = fc.record({
    request: fc.option(member, { nil: decision.request }),
    policies: fc.option(member, { nil: decision.policies }),
    expect: fc.constantFrom("Allow", "ImplicitDeny", 1),
    documentText: member,
    id: fc.constantFrom("a", 1),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(cases, { maxLength: 3 }), async (list) => {
      const { code, err } = await folder.run(["test", "-"], {
        stdin: JSON.stringify({ cases: list }),
      });
      assert.ok([0, 1, 2].includes(code));
      assert.ok(err.split("\n").length <= 2, err);
    }),
    { numRuns: 100 },
  );
});
