import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../cli.ts";
import { testConsole } from "../testing/console.ts";
import { tinyKey, tinyServer } from "../testing/tiny-server.ts";

const env = {
  AWS_ACCESS_KEY_ID: tinyKey.accessKeyId,
  AWS_SECRET_ACCESS_KEY: tinyKey.secretAccessKey,
};
const answers: readonly (readonly [RegExp, object])[] = [
  [/check-document-access/, { hasAccess: false, documentAcl: {} }],
  [
    /\/documents.*dataSourceIds=/,
    { documentDetailList: [{ documentId: "s3://b/x", status: "FAILED" }] },
  ],
  [/\/documents/, { documentDetailList: [] }],
  [/\/datasources/, { dataSources: [{ dataSourceId: "d1", displayName: "one" }] }],
  [/\/indices/, { indices: [{ indexId: "i1" }] }],
  [/\/applications/, { applications: [{ applicationId: "a1", displayName: "one" }] }],
];

async function access(...flags: readonly string[]) {
  await using server = await tinyServer(({ rawTarget }) => ({
    body: JSON.stringify(answers.find(([pattern]) => pattern.test(rawTarget))?.[1] ?? {}),
  }));
  const console = testConsole(["access", "--endpoint", server.url, ...flags], { env });
  const code = await runCli(console);
  return { code, out: console.out(), err: console.err() };
}

test("an index that the application has not is an error, and not an index without open documents", async () => {
  const line = 'quarry: The application has no index "typo"; there is i1.\n';
  for (const about of [["--open"], ["--user", "a@b.c"], ["--document", "x"]]) {
    assert.deepEqual(await access(...about, "--index", "typo"), { code: 2, out: "", err: line });
  }
});

test("a data source that the application has not is an error, and not a document without readers", async () => {
  const { code, err } = await access("--document", "x", "--data-source", "typo");
  assert.equal(code, 2);
  assert.equal(err, "quarry: The application has no data source typo; there are d1 (one).\n");
});

test("what cannot be the id of a sync job is refused", async () => {
  const { code, err } = await access("--changes", "--job", "last");
  assert.equal(code, 2);
  assert.match(err, /^quarry: --job is "last", which is no sync job; /);
});

test("of a document that failed it is said that it is not in the index", async () => {
  const { out } = await access("--user", "a@b.c");
  assert.match(out, /^s3:\/\/b\/x may not be read\.\nIt failed and is not in the index/);
});
