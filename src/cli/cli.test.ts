import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { runCli } from "./cli.ts";
import { serverSettings } from "./settings/server-settings.ts";
import { testConsole } from "./testing/console.ts";

const projectRoot = join(import.meta.dirname, "..", "..");

async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const console = testConsole(argv, { projectRoot, env });
  return { code: await runCli(console), out: console.out(), err: console.err() };
}

test("help lists the commands, and is what no command means", async () => {
  const { code, out } = await run(["help"]);
  assert.equal(code, 0);
  for (const name of ["start", "serve", "demo", "ask", "sync", "doctor", "help", "version"]) {
    assert.match(out, new RegExp(`^  ${name} `, "m"));
  }
  for (const argv of [[], ["--help"], ["-h"], ["help", "help"]]) {
    assert.equal((await run(argv)).out, out);
  }
});

test("every command has help of its own, that names every flag and starts nothing", async () => {
  for (const name of ["start", "serve", "demo", "ask", "sync", "doctor"]) {
    const { code, out, err } = await run([name, "--help"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.ok(out.startsWith(`quarry ${name}: `));
    assert.equal((await run(["help", name])).out, out);
    assert.match(out, name === "serve" || name === "start" ? /--port PORT/ : /--endpoint URL/);
  }
  const { out } = await run(["serve", "--help"]);
  for (const { env } of serverSettings) assert.ok(out.includes(env), env);
});

test("the version is the package's", async () => {
  const { code, out } = await run(["version"]);
  assert.equal(code, 0);
  assert.match(out, /^\d+\.\d+\.\d+\n$/);
  assert.equal((await run(["--version"])).out, out);
});

test("a wrong command, flag, word or question is one line and exit code 2", async () => {
  const cases: readonly (readonly [argv: readonly string[], line: string])[] = [
    [
      ["docter"],
      'There is no command "docter"; did you mean "quarry doctor"? "quarry help" lists them.',
    ],
    [["fly"], 'There is no command "fly"; "quarry help" lists them.'],
    [["help", "fly"], 'There is no command "fly"; "quarry help" lists them.'],
    [["ask"], 'What is the question? Write quarry ask "How many days of leave are there?"'],
    [["ask", "a", "b"], '"quarry ask" does not take "b"; see "quarry ask --help".'],
    [
      ["sync", "--endpoint", "here"],
      "--endpoint must be an http or https URL, such as http://127.0.0.1:8090.",
    ],
    [
      ["sync", "--endpoint", "http://h/x"],
      "--endpoint must be a host and a port alone, such as http://127.0.0.1:8090.",
    ],
  ];
  for (const [argv, line] of cases) {
    assert.deepEqual(await run(argv), { code: 2, out: "", err: `quarry: ${line}\n` });
  }
});

test("help fits a terminal of eighty columns", async () => {
  const names = ["start", "serve", "demo", "ask", "sync", "doctor", "access", "policy"];
  const parts = ["validate", "simulate", "write", "explain", "test"].map(
    (part) => `policy ${part}`,
  );
  for (const name of ["", ...names, ...parts]) {
    const { code, out } = await run([...name.split(" ").filter((word) => word !== ""), "--help"]);
    assert.equal(code, 0);
    assert.ok(out.split("\n").length > 5, name);
    assert.deepEqual(
      out.split("\n").filter((line) => line.length > 80),
      [],
      name,
    );
  }
});

test("without credentials a client command says where they could come from", async () => {
  const { code, err } = await run(["ask", "what?", "--data-dir", "/nowhere/at/all"]);
  assert.equal(code, 2);
  assert.equal(
    err,
    "quarry: No credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name the server's --data-dir (there is no /nowhere/at/all/keys.json).\n",
  );
  const half = await run(["ask", "what?"], { AWS_ACCESS_KEY_ID: "AKID" });
  assert.equal(
    half.err,
    "quarry: AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY; set both or neither.\n",
  );
});

test("a server that is not there is named, with the way to start one", async () => {
  const env = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret" };
  // Port 1 is free on every machine that runs tests.
  const { code, err } = await run(["ask", "what?", "--endpoint", "http://127.0.0.1:1"], env);
  assert.equal(code, 1);
  assert.equal(
    err,
    'quarry: Nothing answers at http://127.0.0.1:1; start it with "quarry serve", or name a server with --endpoint.\n',
  );
});
