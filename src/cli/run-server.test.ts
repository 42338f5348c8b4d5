import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "./cli.ts";
import { CliError } from "./context.ts";
import { runServer } from "./run-server.ts";
import { idleServer, testConsole, until } from "./testing/console.ts";

const config = {
  host: "127.0.0.1",
  port: 8090,
  dataDir: "/data",
  accountId: "000000000000",
  region: "us-east-1",
  buckets: {},
  logLevel: "info",
} as const;

test("the root key is shown when it is new, before the ready line", async () => {
  const console = testConsole([], {
    server: async (of) => idleServer(of, { isRootKeyNew: true }),
  });
  const code = runServer(config, console);
  await until(() => console.out().includes("ready"));
  console.send("SIGTERM");
  assert.equal(await code, 0);
  const lines = console.out().trimEnd().split("\n");
  assert.equal(lines.at(-1), "Quarry is ready at http://127.0.0.1:8090");
  assert.ok(lines.includes("    AWS_ACCESS_KEY_ID=AKIDROOT"));
  assert.ok(lines.includes("    AWS_SECRET_ACCESS_KEY=root-secret"));
});

test("a known root key is not shown: the ready line is all there is", async () => {
  const console = testConsole([]);
  const code = runServer(config, console);
  await until(() => console.out() !== "");
  assert.equal(console.out(), "Quarry is ready at http://127.0.0.1:8090\n");
  console.send("SIGINT");
  assert.equal(await code, 0);
});

test("a signal waits for the server's end, a second one does not", async () => {
  const closing = Promise.withResolvers<void>();
  const server = async (of: typeof config) => idleServer(of, { close: () => closing.promise });
  const patient = testConsole([], { server: server as never });
  let isOver = false;
  const code = runServer(config, patient).finally(() => (isOver = true));
  await until(() => patient.out() !== "");
  patient.send("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(isOver, false);
  patient.send("SIGTERM");
  assert.equal(await code, 130);
  assert.deepEqual(patient.exits, [130]);
});

test("what fails beside the server is told in one line, and the server goes on", async () => {
  const console = testConsole([]);
  const code = runServer(config, console, async () => {
    throw new CliError("The demo could not be made.");
  });
  await until(() => console.err() !== "");
  assert.equal(console.err(), "quarry: The demo could not be made.\n");
  console.send("SIGTERM");
  assert.equal(await code, 0);
});

test("a signal stops the work beside the server, whose failure then is no news", async () => {
  const console = testConsole([]);
  const code = runServer(config, console, async (_, stopping) => {
    await until(() => stopping.aborted);
    throw new Error("aborted");
  });
  await until(() => console.out() !== "");
  console.send("SIGTERM");
  assert.equal(await code, 0);
  assert.equal(console.err(), "");
});

test("a bug beside the server is no secret", async () => {
  const run = runServer(config, testConsole([]), async () => {
    throw new TypeError("a bug");
  });
  await assert.rejects(run, TypeError);
});

// What start-up fails with, what is said of it, and the exit code.
const failures: readonly (readonly [error: Error, line: string, code: number])[] = [
  [
    Object.assign(new Error("listen"), { code: "EADDRINUSE" }),
    "Port 8090 of 127.0.0.1 is in use; choose another with --port.",
    2,
  ],
  [
    Object.assign(new Error("listen"), { code: "EACCES", syscall: "listen" }),
    "Port 8090 of 127.0.0.1 may not be used; choose one above 1023 with --port.",
    2,
  ],
  [
    new Error("outer", { cause: Object.assign(new Error("inner"), { code: "EADDRNOTAVAIL" }) }),
    "--host 127.0.0.1 is no address of this machine; use 127.0.0.1 or 0.0.0.0.",
    2,
  ],
  [
    new Error("The key file is damaged.\n    at nowhere"),
    "The server could not start: The key file is damaged.",
    1,
  ],
];

test("a server that cannot start says why in one line", async () => {
  for (const [error, line, code] of failures) {
    const console = testConsole(["serve", "--data-dir", "/tmp"], {
      server: () => Promise.reject(error),
    });
    assert.equal(await runCli(console), code);
    assert.equal(console.err(), `quarry: ${line}\n`);
    assert.equal(console.out(), "");
  }
});

test("--log-level debug shows what start-up really failed with", async () => {
  const error = new Error("deep");
  const console = testConsole(["serve", "--log-level", "debug"], {
    server: () => Promise.reject(error),
  });
  await assert.rejects(runCli(console), error);
});
