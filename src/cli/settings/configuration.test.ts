import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ServerConfig } from "../../core/server-config.ts";
import { runCli } from "../cli.ts";
import { serverSettings } from "./server-settings.ts";
import { testConsole } from "../testing/console.ts";
import { testCertificate } from "../testing/certificate.ts";

const cwd = mkdtempSync(join(tmpdir(), "quarry-configuration-"));
after(() => rmSync(cwd, { recursive: true, force: true }));
for (const name of ["books", "notes", "conf"]) mkdirSync(join(cwd, name));
mkdirSync(join(cwd, "conf", "books"));
writeFileSync(join(cwd, "file.txt"), "text");
writeFileSync(join(cwd, "cert.pem"), testCertificate.certificate);
writeFileSync(join(cwd, "key.pem"), testCertificate.key);

type Env = Readonly<Record<string, string>>;

async function configured(argv: readonly string[], env: Env = {}): Promise<ServerConfig> {
  const console = testConsole(["serve", ...argv], { cwd, env });
  const code = runCli(console);
  // The idle server is ready as soon as it is started.
  while (console.started.length === 0 && console.err() === "") await new Promise(setImmediate);
  console.send("SIGTERM");
  assert.equal(await code, 0, console.err());
  const [config] = console.started;
  assert.ok(config);
  return config;
}

test("without any setting the published defaults hold", async () => {
  assert.deepEqual(await configured([]), {
    host: "127.0.0.1",
    port: 8090,
    dataDir: join(cwd, ".quarry"),
    accountId: "000000000000",
    region: "us-east-1",
    buckets: {},
    logLevel: "info",
  });
});

const key = "AKIDEXAMPLE";
const secret = "example-secret";

// Each setting by its flag, its variable and its key in a file, and what comes of it.
const settings: readonly {
  readonly key: string;
  readonly flag?: string;
  readonly env: string;
  readonly text: string;
  readonly expect: Partial<ServerConfig>;
}[] = [
  { key: "host", flag: "--host", env: "QUARRY_HOST", text: "::1", expect: { host: "::1" } },
  { key: "port", flag: "--port", env: "QUARRY_PORT", text: "0", expect: { port: 0 } },
  { key: "port", flag: "--port", env: "QUARRY_PORT", text: "65535", expect: { port: 65_535 } },
  {
    key: "data-dir",
    flag: "--data-dir",
    env: "QUARRY_DATA_DIR",
    text: join(cwd, "a", "b"),
    expect: { dataDir: join(cwd, "a", "b") },
  },
  {
    key: "account-id",
    flag: "--account-id",
    env: "QUARRY_ACCOUNT_ID",
    text: "000000000042",
    expect: { accountId: "000000000042" },
  },
  {
    key: "region",
    flag: "--region",
    env: "QUARRY_REGION",
    text: "eu-central-1",
    expect: { region: "eu-central-1" },
  },
  {
    key: "buckets",
    flag: "--bucket",
    env: "QUARRY_BUCKETS",
    text: `books=${join(cwd, "books")}`,
    expect: { buckets: { books: join(cwd, "books") } },
  },
  {
    key: "hooks",
    flag: "--hook",
    env: "QUARRY_HOOKS",
    text: "arn:aws:lambda:us-east-1:111122223333:function:enrich=http://127.0.0.1:9000",
    expect: {
      hooks: {
        "arn:aws:lambda:us-east-1:111122223333:function:enrich": "http://127.0.0.1:9000/",
      },
    },
  },
  {
    key: "quotas",
    flag: "--quota",
    env: "QUARRY_QUOTAS",
    text: "iam.rolesPerAccount=5",
    expect: { quotas: { "iam.rolesPerAccount": 5 } },
  },
  {
    key: "oidc-issuers",
    flag: "--oidc-issuer",
    env: "QUARRY_OIDC_ISSUERS",
    text: "id.example.com/people=http://127.0.0.1:9000",
    expect: { oidcIssuers: { "id.example.com/people": "http://127.0.0.1:9000" } },
  },
  {
    key: "zones",
    flag: "--zone",
    env: "QUARRY_ZONES",
    text: "subnet-0a1b2c3d=vpc:vpc-0a1b2c3d availability-zone:us-east-1a",
    expect: {
      network: {
        zones: {
          "subnet-0a1b2c3d": {
            vpcId: "vpc-0a1b2c3d",
            availabilityZone: "us-east-1a",
            backend: { kind: "none" },
          },
        },
        securityGroups: {},
      },
    },
  },
  {
    key: "security-groups",
    flag: "--security-group",
    env: "QUARRY_SECURITY_GROUPS",
    text: "sg-0a1b2c3d=10.0.0.0/8:443",
    expect: {
      network: {
        zones: {},
        securityGroups: {
          "sg-0a1b2c3d": [{ network: "10.0.0.0", prefixBits: 8, portFirst: 443, portLast: 443 }],
        },
      },
    },
  },
  {
    key: "s3-endpoint",
    flag: "--s3-endpoint",
    env: "QUARRY_S3_ENDPOINT",
    text: "http://127.0.0.1:9000/",
    expect: { s3Endpoint: "http://127.0.0.1:9000" },
  },
  {
    key: "s3-credentials",
    flag: "--s3-credentials",
    env: "QUARRY_S3_CREDENTIALS",
    text: "chain",
    expect: { s3Credentials: "chain" },
  },
  {
    key: "s3-acl-default",
    flag: "--s3-acl-default",
    env: "QUARRY_S3_ACL_DEFAULT",
    text: "deny",
    expect: { s3AclDefault: "deny" },
  },
  {
    key: "open-document-formats",
    flag: "--open-document-formats",
    env: "QUARRY_OPEN_DOCUMENT_FORMATS",
    text: "read",
    expect: { openDocumentFormats: "read" },
  },
  {
    key: "public-url",
    flag: "--public-url",
    env: "QUARRY_PUBLIC_URL",
    text: "https://docs.example.com/",
    expect: { publicUrl: "https://docs.example.com" },
  },
  {
    key: "answer-model",
    flag: "--answer-model",
    env: "QUARRY_ANSWER_MODEL",
    text: "none",
    expect: {},
  },
  {
    key: "embedding-model",
    flag: "--embedding-model",
    env: "QUARRY_EMBEDDING_MODEL",
    text: "none",
    expect: {},
  },
  {
    key: "log-level",
    flag: "--log-level",
    env: "QUARRY_LOG_LEVEL",
    text: "error",
    expect: { logLevel: "error" },
  },
];

test("every setting can be written as a flag, as a variable and in a file", async () => {
  const base = await configured([]);
  for (const { key, flag, env, text, expect } of settings) {
    const file = join(cwd, "one.yaml");
    const isList = serverSettings.some((one) => one.key === key && "isList" in one);
    writeFileSync(file, isList ? `${key}: [ "${text}" ]\n` : `${key}: "${text}"\n`);
    const wanted = { ...base, ...expect };
    if (flag !== undefined) {
      assert.deepEqual(await configured([flag, text]), wanted, flag);
      assert.deepEqual(await configured([`${flag}=${text}`]), wanted, `${flag}=`);
    }
    assert.deepEqual(await configured([], { [env]: text }), wanted, env);
    assert.deepEqual(await configured(["--config", file]), wanted, key);
    // An empty variable is what templates leave behind for "not set".
    assert.deepEqual(await configured([], { [env]: "" }), base, `empty ${env}`);
  }
  const unbuilt = ["database", "search"];
  const pairs = ["root-access-key-id", "root-secret-access-key", "tls-certificate", "tls-key"];
  pairs.push("sts-endpoint", "sts-external-id");
  const seen = new Set([...settings.map((setting) => setting.key), ...unbuilt, ...pairs]);
  assert.deepEqual([...seen].sort(), serverSettings.map((setting) => setting.key).toSorted());
});

test("a flag wins over the environment, the environment over the file", async () => {
  const file = join(cwd, "all.yaml");
  writeFileSync(file, "port: 1001\nregion: eu-west-1\naccount-id: 000000000007\n");
  const env = { QUARRY_PORT: "1002", QUARRY_REGION: "eu-west-2" };
  const { port, region, accountId } = await configured(["--config", file, "--port", "1003"], env);
  // The account id stands in the file without quotes, and keeps its zeros.
  assert.deepEqual(
    { port, region, accountId },
    { port: 1003, region: "eu-west-2", accountId: "000000000007" },
  );
});

test("a file may be JSON, name buckets as a mapping, and mean its own folder by relative paths", async () => {
  const file = join(cwd, "conf", "quarry.json");
  writeFileSync(
    file,
    JSON.stringify({ port: 1004, buckets: { books: "books" }, "data-dir": "data" }),
  );
  const { port, buckets, dataDir } = await configured(["--config", "conf/quarry.json"]);
  assert.equal(port, 1004);
  assert.deepEqual(buckets, { books: join(cwd, "conf", "books") });
  assert.equal(dataDir, join(cwd, "conf", "data"));
});

test("a file may write the parts of a setting's name with a dot, or one below the other", async () => {
  const file = join(cwd, "parts.yaml");
  const wanted = { s3Credentials: "assume-role", stsEndpoint: "http://127.0.0.1:9000" };
  for (const text of [
    "s3.credentials: assume-role\nsts.endpoint: http://127.0.0.1:9000\n",
    "s3: { credentials: assume-role }\nsts:\n  endpoint: http://127.0.0.1:9000\n",
    "s3-credentials: assume-role\nsts-endpoint: http://127.0.0.1:9000\n",
  ]) {
    writeFileSync(file, text);
    const { s3Credentials, stsEndpoint } = await configured(["--config", file]);
    assert.deepEqual({ s3Credentials, stsEndpoint }, wanted, text);
  }
});

test("an empty file and empty values are no settings", async () => {
  const file = join(cwd, "empty.yaml");
  writeFileSync(file, "");
  assert.deepEqual(await configured(["--config", file]), await configured([]));
  writeFileSync(file, "port:\nbuckets:\nregion: ''\n");
  assert.deepEqual(await configured(["--config", file]), await configured([]));
});

test("several buckets come from repeated flags or a comma-separated variable", async () => {
  const wanted = { books: join(cwd, "books"), "my.notes": join(cwd, "notes") };
  const flags = ["--bucket", "books=books", "--bucket", "my.notes=./notes"];
  assert.deepEqual((await configured(flags)).buckets, wanted);
  const env = { QUARRY_BUCKETS: "books=books, my.notes=notes" };
  assert.deepEqual((await configured([], env)).buckets, wanted);
});

test("a root key and a TLS pair are taken as pairs", async () => {
  const env = { QUARRY_ROOT_ACCESS_KEY_ID: key, QUARRY_ROOT_SECRET_ACCESS_KEY: secret };
  const { rootKey } = await configured([], env);
  assert.deepEqual(rootKey, { accessKeyId: key, secretAccessKey: secret });
  const tls = { certificateFile: join(cwd, "cert.pem"), keyFile: join(cwd, "key.pem") };
  const flags = ["--tls-certificate", "cert.pem", "--tls-key", "key.pem"];
  assert.deepEqual((await configured(flags)).tls, tls);
  const variables = { QUARRY_TLS_CERTIFICATE: "cert.pem", QUARRY_TLS_KEY: "key.pem" };
  assert.deepEqual((await configured([], variables)).tls, tls);
});
