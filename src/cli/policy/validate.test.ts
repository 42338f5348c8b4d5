import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { guessKind } from "./files.ts";
import { policyFolder, policyOf } from "../testing/policy-console.ts";

const account = "111122223333";
const readAll = policyOf({ Action: "s3:GetObject", Resource: "arn:aws:s3:::docs/*" });
const trust = policyOf({
  Principal: { Service: "qbusiness.amazonaws.com" },
  Action: "sts:AssumeRole",
  Condition: { StringEquals: { "aws:SourceAccount": account } },
});

/** The findings of each file, as `code line:column`, by the JSON that the command prints. */
function findingsIn(out: string): Readonly<Record<string, readonly string[]>> {
  const { files } = JSON.parse(out) as {
    files: {
      file: string;
      findings: { code: string; start: { line: number; column: number } }[];
    }[];
  };
  return Object.fromEntries(
    files.map(({ file, findings }) => [
      file,
      findings.map(({ code, start }) => `${code} ${start.line}:${start.column}`),
    ]),
  );
}

function codesIn(out: string): ReadonlySet<string> {
  const all = Object.values(findingsIn(out)).flat();
  return new Set(all.map((one) => one.split(" ")[0] ?? ""));
}

test("both JSON faults of a document are told with file, line and column", async () => {
  await using folder = await policyFolder();
  const text =
    '{ "Version": "2012-10-17",,\n "Statement": [{ "Effect": "Allow",\n  "Action": [ "s3:GetObject", ],\n  "Resource": "*" }] }';
  await folder.put("web.json", text);
  const { code, out, err } = await folder.run(["validate", "web.json"]);
  assert.deepEqual([code, err], [1, ""]);
  assert.equal(
    out,
    'web.json:1:26  ERROR  JSON_SYNTAX_ERROR  unexpected comma\nweb.json:3:28  ERROR  JSON_SYNTAX_ERROR  a comma stands before "]"\n\n1 file: 2 ERROR. Columns count from zero.\n',
  );
  const piped = await folder.run(["validate", "-"], { stdin: text });
  assert.deepEqual([piped.code, piped.out], [1, out.replaceAll("web.json:", "-:")]);
});

test("documents without faults end well, each with the kind that its elements tell", async () => {
  await using folder = await policyFolder();
  await folder.put("read.json", readAll);
  await folder.put("trust.json", trust);
  const { code, out } = await folder.run(["validate", "read.json", "trust.json"]);
  assert.equal(code, 0);
  assert.equal(
    out,
    "read.json   ok    identity policy\ntrust.json  ok    trust policy\n\n2 files: nothing to say. Columns count from zero.\n",
  );
});

test("a kind is guessed from the elements, also of broken documents", () => {
  const rows = [
    ['{"Statement":[{"Action":"a:b","Resource":"*"}]}', "identity"],
    ['{"Statement":[{"Principal" : "*","Action":"a:b"},,]', "trust"],
    ['{"Statement":[{"NotPrincipal":{},"Action":"a:b"}]}', "trust"],
    ['{"Statement":[{"Principal":"*","Resource":"*"}]}', "resource"],
    ['{"Statement":[{"Principal":"*","NotResource":"*"}]}', "resource"],
    ['{"Sid":"Principal","Resource":"*"}', "identity"],
    ["", "identity"],
  ] as const;
  for (const [text, kind] of rows) assert.equal(guessKind(text), kind, text);
});

test("--kind decides for documents that could be several", async () => {
  await using folder = await policyFolder();
  await folder.put("a.json", { ...readAll, Version: "2008-10-17" });
  assert.equal((await folder.run(["validate", "a.json"])).code, 1);
  const key = {
    ...readAll,
    Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }],
  };
  await folder.put("key.json", key);
  const { code, out } = await folder.run(["validate", "key.json", "--kind", "key"]);
  assert.equal(code, 0);
  assert.match(out, /key policy/);
});

test("errors and security warnings fail, everything else is only told", async () => {
  await using folder = await policyFolder();
  const rows: readonly (readonly [object, number, string])[] = [
    [{ Action: "iam:PassRole", Resource: "*" }, 1, "SECURITY_WARNING"],
    [{ Action: "qbusiness:Chit", Resource: "*" }, 1, "ERROR"],
    [{ Action: ["qbusiness:Chat", "qbusiness:Chat*"], Resource: "*" }, 0, "SUGGESTION"],
    [
      {
        Action: "s3:GetObject",
        Resource: "*",
        Condition: { StringEquals: { "aws:username": "a*" } },
      },
      0,
      "WARNING",
    ],
    [
      {
        Action: "qbusiness:BatchPutDocument",
        Resource: `arn:aws:qbusiness:us-east-1:${account}:application/a/index/i`,
      },
      0,
      "QUARRY",
    ],
  ];
  for (const [statement, code, type] of rows) {
    await folder.put("one.json", policyOf(statement));
    const run = await folder.run(["validate", "one.json", "--json"]);
    assert.equal(run.code, code, type);
    const { counts } = JSON.parse(run.out) as { counts: Record<string, number> };
    assert.equal(counts[type], 1, type);
  }
});

test("what cannot be read, or is asked wrongly, is one line and exit code 2", async () => {
  await using folder = await policyFolder();
  await folder.put("ok.json", readAll);
  await folder.put("latin.json", Buffer.from([0x7b, 0xe9, 0x7d]));
  await folder.put("huge.json", " ".repeat(1024 * 1024 + 1));
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [["nowhere.json"], /"nowhere\.json" does not exist; name a file that can be read\./],
    [["."], /"\." is a folder;/],
    [["latin.json"], /"latin\.json" is no UTF-8 text/],
    [["huge.json"], /"huge\.json" is larger than 1048576 bytes/],
    [["-", "-"], /Standard input \(-\) is named twice/],
    [[], /Which file\? Write quarry policy validate/],
    [["ok.json", "--kind", "role"], /--kind must be one of identity, trust,/],
    [["ok.json", "--account", "12"], /--account must be the twelve digits/],
    [["ok.json", "--acount", account], /did you mean --account\?/],
  ];
  for (const [argv, line] of rows) {
    const { code, out, err } = await folder.run(["validate", ...argv], { stdin: "{}" });
    assert.deepEqual([code, out], [2, ""], argv.join(" "));
    assert.match(err, line);
    assert.equal(err.split("\n").length, 2, err);
  }
});

test("a policy larger than IAM takes is a finding, not a failure", async () => {
  await using folder = await policyFolder();
  await folder.put("large.json", `${JSON.stringify(readAll)}${" ".repeat(140_000)}`);
  const { code, out } = await folder.run(["validate", "large.json"]);
  assert.equal(code, 1);
  assert.match(out, /the document has 14\d{4} characters/);
});

test("a statement without its policy is refused, and looked into at its own place", async () => {
  await using folder = await policyFolder();
  const text =
    '{ "Effect": "Allow", "Action": "kms:Decrypt",\n' +
    `  "Resource": "arn:aws:kms:us-east-1:${account}:key/k",\n` +
    '  "Condition": { "StringLike": {\n   "kms:ViaService": ["secretsmanager.*"] } } }';
  await folder.put("kms.json", text);
  const { code, out } = await folder.run(["validate", "kms.json", "--encrypted-objects", "--json"]);
  assert.equal(code, 1);
  const found = findingsIn(out)["kms.json"] ?? [];
  assert.ok(found.includes("MISSING_STATEMENT 1:0"), out);
  assert.ok(found.includes("INVALID_SERVICE_PRINCIPAL_FORMAT 4:22"), out);
  assert.ok(found.includes("VIA_SERVICE_MISMATCH 1:0"), out);
  // On the first line, the columns of what was put in front are taken off again.
  await folder.put("line.json", text.replaceAll("\n", ""));
  const line = findingsIn((await folder.run(["validate", "line.json", "--json"])).out)["line.json"];
  const column = text.replaceAll("\n", "").indexOf('"secretsmanager');
  assert.ok(line?.includes(`INVALID_SERVICE_PRINCIPAL_FORMAT 1:${column}`), String(line));
});

test("accounts that differ are found across the files of a role", async () => {
  await using folder = await policyFolder();
  const Condition = { StringEquals: { "aws:ResourceAccount": "444455556666" } };
  const read = { Action: "s3:GetObject", Resource: "arn:aws:s3:::docs/*", Condition };
  await folder.put("read.json", policyOf(read));
  await folder.put("trust.json", trust);
  const codes = async (...argv: readonly string[]): Promise<ReadonlySet<string>> =>
    codesIn((await folder.run(["validate", ...argv, "--json"])).out);
  assert.ok(!(await codes("read.json")).has("ACCOUNT_MISMATCH"), "nothing to compare it with");
  assert.ok((await codes("read.json", "trust.json")).has("ACCOUNT_MISMATCH"));
  assert.ok((await codes("read.json", "--account", account)).has("ACCOUNT_MISMATCH"));
  assert.ok(!(await codes("read.json", "--account", "444455556666")).has("ACCOUNT_MISMATCH"));
});

test("two placeholders for the account of one role are found, one is not", async () => {
  await using folder = await policyFolder();
  const on = (name: string): object => ({
    Action: "qbusiness:BatchPutDocument",
    Resource: `arn:aws:qbusiness:us-east-1:${name}:application/a`,
  });
  const codes = async (...statements: readonly object[]): Promise<ReadonlySet<string>> => {
    await folder.put("t.json", policyOf(...statements));
    return codesIn((await folder.run(["validate", "t.json", "--json"])).out);
  };
  assert.ok((await codes(on("{{a}}"), on("{{b}}"))).has("ACCOUNT_MISMATCH"));
  assert.ok(!(await codes(on("{{a}}"), on("{{a}}"))).has("ACCOUNT_MISMATCH"));
  const Condition = {
    StringEquals: { "aws:ResourceAccount": "[[owner]]", "aws:username": "{{me}}" },
  };
  assert.ok((await codes({ ...on("{{a}}"), Condition })).has("ACCOUNT_MISMATCH"));
  const other = { StringEquals: { "aws:username": "{{me}}" } };
  assert.ok(!(await codes({ ...on("{{a}}"), Condition: other })).has("ACCOUNT_MISMATCH"));
});

test("a role that reads objects and decrypts must decrypt through S3, unless it reads secrets", async () => {
  await using folder = await policyFolder();
  const decrypt = (service: string): object => ({
    Action: "kms:Decrypt",
    Resource: `arn:aws:kms:us-east-1:${account}:key/k`,
    Condition: { StringLike: { "kms:ViaService": [service] } },
  });
  const read = { Action: "s3:Get*", Resource: "arn:aws:s3:::docs/*" };
  const secret = { Action: "secretsmanager:GetSecretValue", Resource: "*" };
  const has = async (statements: readonly object[], ...argv: readonly string[]) => {
    await folder.put("r.json", policyOf(...statements));
    const { out } = await folder.run(["validate", "r.json", "--json", ...argv]);
    return codesIn(out).has("VIA_SERVICE_MISMATCH");
  };
  const viaSecrets = decrypt("secretsmanager.*.amazonaws.com");
  assert.ok(await has([read, viaSecrets]));
  assert.ok(!(await has([read, viaSecrets, secret])));
  assert.ok(await has([read, viaSecrets, secret], "--encrypted-objects"));
  assert.ok(!(await has([viaSecrets])));
  assert.ok(!(await has([read, decrypt("s3.us-east-1.amazonaws.com")])));
  assert.ok(await has([read, decrypt("s3.us-east-1.amazonaws.com")], "--region", "eu-west-1"));
});

test("interfaces under security groups want the right to look at these", async () => {
  await using folder = await policyFolder();
  const make = {
    Action: ["ec2:CreateNetworkInterface"],
    Resource: [`arn:aws:ec2:us-east-1:${account}:security-group/sg-1`],
  };
  const has = async (...statements: readonly object[]): Promise<boolean> => {
    await folder.put("n.json", policyOf(...statements));
    return codesIn((await folder.run(["validate", "n.json", "--json"])).out).has(
      "SECURITY_GROUPS_NOT_DESCRIBED",
    );
  };
  assert.ok(await has(make));
  assert.ok(await has(make, { Effect: "Deny", Action: "ec2:Describe*", Resource: "*" }));
  assert.ok(!(await has(make, { Action: "ec2:Describe*", Resource: "*" })));
  assert.ok(!(await has({ ...make, Effect: "Deny" })));
});

/** The documents of the published pages, as their readers would save them. */
function publishedDocuments(name: string): readonly string[] | undefined {
  const file = new URL(`../../../../shared/sources/${name}`, import.meta.url);
  if (!existsSync(file)) return undefined;
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{ "));
}

test("every fault of the published connector role is found", async (t) => {
  const documents = publishedDocuments("000_080fad32260becd6.txt");
  if (documents === undefined) return t.skip("shared/sources is not here");
  assert.equal(documents.length, 4);
  await using folder = await policyFolder();
  const files = ["role.json", "kms.json", "network.json", "trust.json"];
  for (const [at, file] of files.entries()) await folder.put(file, documents[at] ?? "");
  const { code, out } = await folder.run(["validate", ...files, "--json"]);
  assert.equal(code, 1);
  // The number of the fault in the specification's list, where it shows, and its code.
  const faults = [
    [1, "trust.json", "INVALID_SERVICE_PRINCIPAL_FORMAT"],
    [2, "kms.json", "INVALID_POLICY_ELEMENT"],
    [2, "kms.json", "MISSING_STATEMENT"],
    [2, "kms.json", "MISSING_VERSION"],
    [3, "kms.json", "VIA_SERVICE_MISMATCH"],
    [4, "kms.json", "INVALID_SERVICE_PRINCIPAL_FORMAT"],
    [5, "role.json", "UNRESOLVED_PLACEHOLDER"],
    [5, "kms.json", "INVALID_ARN_RESOURCE"],
    [5, "network.json", "INVALID_ARN_RESOURCE"],
    [6, "role.json", "ACCOUNT_MISMATCH"],
    [7, "network.json", "UNSUPPORTED_ACTION_FOR_CONDITION_KEY"],
    [8, "network.json", "RESOURCE_NOT_APPLICABLE"],
    [9, "role.json", "RESOURCE_NOT_APPLICABLE"],
    [10, "role.json", "REQUIRED_RESOURCE_TYPE_MISSING"],
    [11, "network.json", "FORALLVALUES_ALLOW_WITHOUT_NULL"],
    [12, "network.json", "TAG_ON_CREATE_WITHOUT_TAGKEYS"],
    [13, "network.json", "SECURITY_GROUPS_NOT_DESCRIBED"],
  ] as const;
  const found = findingsIn(out);
  for (const [fault, file, name] of faults) {
    assert.ok(
      found[file]?.some((one) => one.startsWith(`${name} `)),
      `fault ${fault}: no ${name} in ${file}`,
    );
  }
  // 14: repeated statements are redundant within one document alone.
  assert.ok(!codesIn(out).has("REDUNDANT_STATEMENT"));
  const [first = ""] = documents;
  const { Statement, ...rest } = JSON.parse(first) as { Statement: object[] };
  await folder.put("twice.json", { ...rest, Statement: [...Statement, Statement[0]] });
  const twice = await folder.run(["validate", "twice.json", "--json"]);
  const codes = codesIn(twice.out);
  assert.ok(codes.has("REDUNDANT_STATEMENT") || codes.has("UNIQUE_SIDS_REQUIRED"));
});

test("every JSON fault of the published anonymous policies is found at its place", async (t) => {
  const documents = publishedDocuments("004_821da0a30dcdc32a.txt");
  if (documents === undefined) return t.skip("shared/sources is not here");
  assert.equal(documents.length, 3);
  await using folder = await policyFolder();
  let seen = 0;
  for (const text of documents) {
    const { code, out } = await folder.run(["validate", "-", "--json"], { stdin: text });
    assert.equal(code, 1);
    const found = findingsIn(out)["-"]?.filter((one) => one.startsWith("JSON_SYNTAX_ERROR"));
    const trailing = text.indexOf(", ]");
    const expected = [text.indexOf(",,") + 1, ...(trailing < 0 ? [] : [trailing])];
    assert.deepEqual(
      found,
      expected.map((column) => `JSON_SYNTAX_ERROR 1:${column}`),
    );
    seen += expected.length;
  }
  assert.equal(seen, 4);
});

test("any text is judged or refused in one line, never a crash", async () => {
  await using folder = await policyFolder();
  const pieces = fc.array(
    fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"Statement"',
      ":",
      ",",
      '"Principal"',
      '"Action"',
      '"a:b"',
      '"Effect"',
      '"Allow"',
      " ",
      "\n",
      "é",
      "🌍",
      '"',
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        pieces.map((list) => list.join("")),
        fc.string(),
      ),
      async (stdin) => {
        const { code, err } = await folder.run(["validate", "-", "--json"], { stdin });
        assert.ok(code === 0 || code === 1, err);
      },
    ),
    { numRuns: 60 },
  );
});

test("quarry policy lists its commands, and knows what is none of them", async () => {
  await using folder = await policyFolder();
  const names = ["validate", "simulate", "write", "explain", "test"];
  const { code, out } = await folder.run([]);
  assert.equal(code, 0);
  for (const name of names) {
    assert.match(out, new RegExp(`^quarry policy ${name} `, "m"));
    const help = await folder.run([name, "--help"]);
    assert.equal(help.code, 0);
    assert.ok(help.out.startsWith(`quarry policy ${name}: `));
    assert.match(help.out, /--json/);
  }
  assert.match((await folder.run(["--help"])).out, /^ {2}simulate /m);
  const wrong = await folder.run(["validat"]);
  assert.deepEqual(wrong, {
    code: 2,
    out: "",
    err: 'quarry: There is no command "quarry policy validat"; did you mean "quarry policy validate"? "quarry policy --help" lists them.\n',
  });
});
