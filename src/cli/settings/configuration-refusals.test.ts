import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runCli } from "../cli.ts";
import { testCertificate } from "../testing/certificate.ts";
import { testConsole } from "../testing/console.ts";

const cwd = mkdtempSync(join(tmpdir(), "quarry-configuration-"));
after(() => rmSync(cwd, { recursive: true, force: true }));
for (const name of ["books", "notes", "conf"]) mkdirSync(join(cwd, name));
mkdirSync(join(cwd, "conf", "books"));
writeFileSync(join(cwd, "file.txt"), "text");
writeFileSync(join(cwd, "cert.pem"), testCertificate.certificate);
writeFileSync(join(cwd, "key.pem"), testCertificate.key);

type Env = Readonly<Record<string, string>>;
const key = "AKIDEXAMPLE";
const secret = "example-secret";

async function refused(argv: readonly string[], env: Env = {}): Promise<string> {
  const console = testConsole(["serve", ...argv], { cwd, env });
  assert.equal(await runCli(console), 2);
  assert.equal(console.started.length, 0);
  assert.equal(console.out(), "");
  const [line = "", end, ...more] = console.err().split("\n");
  assert.deepEqual([end, more], ["", []], "one line, and no stack trace");
  assert.ok(line.startsWith("quarry: "));
  return line.slice("quarry: ".length).replaceAll(cwd, "CWD");
}

const postgres = "postgres://user:hush@db/quarry";

// What is written, and the one line that refuses it.
const refusals: readonly {
  readonly argv?: readonly string[];
  readonly env?: Env;
  readonly line: string;
}[] = [
  {
    argv: ["--prot", "1"],
    line: '"--prot" is no flag of "quarry serve"; did you mean --port? See "quarry serve --help".',
  },
  { argv: ["-p", "1"], line: '"-p" is no flag of "quarry serve"; see "quarry serve --help".' },
  { argv: ["now"], line: '"quarry serve" does not take "now"; see "quarry serve --help".' },
  { argv: ["--port"], line: "--port needs a value; write --port PORT." },
  { argv: ["--port", "--host", "a"], line: "--port needs a value; write --port PORT." },
  { argv: ["--port="], line: "--port needs a value; write --port PORT." },
  { argv: ["--port", "1", "--port", "2"], line: "--port is given twice; give it once." },
  {
    argv: ["--port", "65536"],
    line: "--port is 65536; it must be a whole number from 0 to 65535.",
  },
  { argv: ["--port", "80a"], line: '--port is "80a"; it must be a whole number from 0 to 65535.' },
  { argv: ["--port", "-1"], line: '--port is "-1"; it must be a whole number from 0 to 65535.' },
  {
    env: { QUARRY_PORT: "1e3" },
    line: 'QUARRY_PORT is "1e3"; it must be a whole number from 0 to 65535.',
  },
  {
    argv: ["--host", "http://x"],
    line: '--host is "http://x"; it must be a host name or an address, such as 127.0.0.1, 0.0.0.0 or ::1.',
  },
  { argv: ["--account-id", "42"], line: '--account-id is "42"; it must be 12 digits.' },
  {
    env: { QUARRY_ACCOUNT_ID: "00000000000x" },
    line: 'QUARRY_ACCOUNT_ID is "00000000000x"; it must be 12 digits.',
  },
  {
    argv: ["--region", "Mars!"],
    line: '--region is "Mars!"; it must be a Region\'s name, such as us-east-1.',
  },
  {
    argv: ["--log-level", "loud"],
    line: '--log-level is "loud"; it must be one of debug, info, warn, error.',
  },
  {
    argv: ["--bucket", "books"],
    line: '--bucket has "books", which is no bucket; write NAME=FOLDER.',
  },
  {
    argv: ["--bucket", "=books"],
    line: '--bucket has "=books", which is no bucket; write NAME=FOLDER.',
  },
  {
    argv: ["--bucket", "books="],
    line: '--bucket has "books=", which is no bucket; write NAME=FOLDER.',
  },
  {
    env: { QUARRY_BUCKETS: "books=books," },
    line: 'QUARRY_BUCKETS has "", which is no bucket; write NAME=FOLDER.',
  },
  {
    argv: ["--bucket", "Books=books"],
    line: '--bucket: "Books" cannot name a bucket; use 3 to 63 lower-case letters, digits, dots and hyphens.',
  },
  {
    argv: ["--bucket", "a..b=books"],
    line: '--bucket: "a..b" cannot name a bucket; use 3 to 63 lower-case letters, digits, dots and hyphens.',
  },
  {
    argv: ["--bucket", "abc=books", "--bucket", "abc=notes"],
    line: "--bucket names the bucket abc twice; give each bucket one folder.",
  },
  {
    argv: ["--bucket", "abc=none"],
    line: "--bucket: the folder of bucket abc, CWD/none, does not exist; make it or name another.",
  },
  {
    argv: ["--bucket", "abc=file.txt"],
    line: "--bucket: the folder of bucket abc, CWD/file.txt, is no folder; name a folder.",
  },
  {
    argv: ["--data-dir", "file.txt/data"],
    line: "--data-dir: CWD/file.txt is no folder; name a folder for the data.",
  },
  {
    argv: ["--s3-acl-default", "closed"],
    line: '--s3-acl-default is "closed"; it must be one of allow, deny.',
  },
  {
    argv: ["--open-document-formats", "yes"],
    line: '--open-document-formats is "yes"; it must be one of skip, read.',
  },
  {
    argv: ["--quota", "documentsPerUnits=5"],
    line: '--quota has "documentsPerUnits=5", which is no quota; did you mean documentsPerUnit=NUMBER?',
  },
  {
    argv: ["--quota", "documentsPerUnit=5", "--quota", "documentsPerUnit=6"],
    line: "--quota names documentsPerUnit twice.",
  },
  {
    argv: ["--quota", "documentsPerUnit=-1"],
    line: '--quota: documentsPerUnit is "-1"; it must be a whole number from 0 to 1000000000000.',
  },
  {
    argv: ["--s3-endpoint", "minio:9000"],
    line: "--s3-endpoint must be an http or https URL, such as https://docs.example.com.",
  },
  {
    argv: ["--s3-endpoint", "http://a:hush@minio"],
    line: "--s3-endpoint must not hold credentials.",
  },
  {
    argv: ["--s3-credentials", "role"],
    line: '--s3-credentials is "role"; it must be chain or assume-role.',
  },
  {
    argv: ["--s3-credentials", "assume-role"],
    line: "--s3-credentials is assume-role, but no role of AWS is of account 000000000000; set account-id to the account of the roles.",
  },
  {
    argv: ["--sts-endpoint", "http://127.0.0.1:9000"],
    line: "--sts-endpoint is set, but no roles are assumed; set s3-credentials to assume-role.",
  },
  {
    argv: ["--s3-credentials", "assume-role", "--sts-endpoint", "http://a:hush@sts"],
    line: "--sts-endpoint must not hold credentials.",
  },
  {
    argv: ["--public-url", "https://x/?a=1"],
    line: "--public-url must not have a query or a fragment.",
  },
  {
    argv: ["--public-url", "https://x/docs"],
    line: "--public-url must not have a path: Quarry answers at the root of its host.",
  },
  {
    env: { QUARRY_ROOT_ACCESS_KEY_ID: key },
    line: "QUARRY_ROOT_ACCESS_KEY_ID is set without QUARRY_ROOT_SECRET_ACCESS_KEY; set both or neither.",
  },
  {
    env: { QUARRY_ROOT_SECRET_ACCESS_KEY: secret },
    line: "QUARRY_ROOT_SECRET_ACCESS_KEY is set without QUARRY_ROOT_ACCESS_KEY_ID; set both or neither.",
  },
  {
    env: { QUARRY_ROOT_ACCESS_KEY_ID: "a/b", QUARRY_ROOT_SECRET_ACCESS_KEY: secret },
    line: "QUARRY_ROOT_ACCESS_KEY_ID must be 3 to 128 letters, digits or underscores.",
  },
  {
    env: { QUARRY_ROOT_ACCESS_KEY_ID: key, QUARRY_ROOT_SECRET_ACCESS_KEY: "hush" },
    line: "QUARRY_ROOT_SECRET_ACCESS_KEY must be 8 to 128 visible ASCII characters.",
  },
  {
    argv: ["--tls-certificate", "cert.pem"],
    line: "--tls-certificate is set without --tls-key; set both or neither.",
  },
  {
    env: { QUARRY_TLS_KEY: "key.pem" },
    line: "QUARRY_TLS_KEY is set without --tls-certificate; set both or neither.",
  },
  {
    argv: ["--tls-certificate", "none.pem", "--tls-key", "key.pem"],
    line: "--tls-certificate: CWD/none.pem does not exist; name a PEM file.",
  },
  {
    argv: ["--tls-certificate", "key.pem", "--tls-key", "cert.pem"],
    line: "--tls-certificate and --tls-key are no PEM certificate with its key; check both files.",
  },
  {
    argv: ["--database", postgres],
    line: "--database: other engines are not built yet; leave it out, and state is kept in SQLite in the data directory.",
  },
  {
    env: { QUARRY_SEARCH: "opensearch+http://x" },
    line: "QUARRY_SEARCH: other engines are not built yet; leave it out, and its own engine searches in the data directory.",
  },
  {
    argv: ["--answer-model", "openai:m@http://h/v1"],
    line: '--answer-model: the provider "openai" is not built yet; use "none".',
  },
  {
    env: { QUARRY_ANSWER_MODEL: "openai:m" },
    line: "QUARRY_ANSWER_MODEL needs the server's URL; write openai:MODEL@URL.",
  },
  {
    argv: ["--embedding-model", "bedrock:titan"],
    line: '--embedding-model: the provider "bedrock" is not built yet; use "none".',
  },
  {
    argv: ["--config", "none.yaml"],
    line: "--config CWD/none.yaml does not exist; name a readable YAML or JSON file.",
  },
  { argv: ["--config", "books"], line: "--config CWD/books is no file; name a YAML or JSON file." },
];

test("every bad value is refused in one line that names it and the way out", async () => {
  for (const { argv = [], env = {}, line } of refusals)
    assert.equal(await refused(argv, env), line);
});

test("a bad file is refused in one line that names it", async () => {
  const file = join(cwd, "bad.yaml");
  const cases: readonly (readonly [text: string, line: RegExp])[] = [
    ["port: [", /^--config CWD\/bad\.yaml is no YAML or JSON: .+ \(line 1, column 8\)\.$/],
    ["- port", /^--config CWD\/bad\.yaml must be a mapping of settings\.$/],
    ["prot: 1", /^"prot" in CWD\/bad\.yaml is no setting; did you mean port\?$/],
    ["colour: red", /^"colour" in CWD\/bad\.yaml is no setting; there are host, port, .+\.$/],
    ["s3: { credentials: [] }", /^s3-credentials in CWD\/bad\.yaml must be a single value\.$/],
    [
      "s3.endpoint: http://x\ns3-endpoint: http://x",
      /^s3-endpoint in CWD\/bad\.yaml stands there twice\.$/,
    ],
    ["s3: { region: a }", /^"s3-region" in CWD\/bad\.yaml is no setting; /],
    [
      "port: 1\nport: 2",
      /^--config CWD\/bad\.yaml is no YAML or JSON: Map keys must be unique \(line 2, column 1\)\.$/,
    ],
    ["port: [1]", /^port in CWD\/bad\.yaml must be a single value\.$/],
    [
      "buckets: { a: { b: c } }",
      /^buckets in CWD\/bad\.yaml must be a list of NAME=FOLDER or a mapping of NAME to FOLDER\.$/,
    ],
    [
      "port: many",
      /^port in CWD\/bad\.yaml is "many"; it must be a whole number from 0 to 65535\.$/,
    ],
    ["port: &a 1\nhost: *a", /^host in CWD\/bad\.yaml must be a single value\.$/],
    [
      "x".repeat(1024 * 1024 + 1),
      /^--config CWD\/bad\.yaml has 1048577 bytes; the limit is 1048576\.$/,
    ],
  ];
  for (const [text, line] of cases) {
    writeFileSync(file, text);
    assert.match(await refused(["--config", file]), line);
  }
});

test("a secret in a bad value is never repeated", async () => {
  for (const argv of [
    ["--database", postgres],
    ["--s3-endpoint", "http://a:hush@minio"],
  ]) {
    assert.doesNotMatch(await refused(argv), /hush/);
  }
  const env = { QUARRY_ROOT_ACCESS_KEY_ID: key, QUARRY_ROOT_SECRET_ACCESS_KEY: "hush hush hush" };
  assert.doesNotMatch(await refused([], env), /hush/);
});

test("folders that may not be read or written are refused", async (t) => {
  if (process.getuid?.() === 0) return t.skip("root may read and write everything");
  const closed = join(cwd, "closed");
  mkdirSync(closed);
  chmodSync(closed, 0o000);
  assert.match(await refused(["--bucket", `abc=${closed}`]), /cannot be read \(EACCES\)/);
  assert.match(await refused(["--data-dir", join(closed, "data")]), /may not be written|EACCES/);
});

test("a link that leads nowhere is a folder that does not exist", async () => {
  symlinkSync(join(cwd, "gone"), join(cwd, "link"));
  assert.match(await refused(["--bucket", "abc=link"]), /does not exist/);
});
