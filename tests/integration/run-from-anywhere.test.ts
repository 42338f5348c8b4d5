import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const tools = fileURLToPath(new URL("../../tools/", import.meta.url));

/** A project of which nothing is left but the start of it, so that nothing is installed. */
async function makeProject(root: string): Promise<void> {
  await Promise.all(["src", "tools", "node_modules"].map((name) => mkdir(join(root, name))));
  for (const name of ["run.mjs", "node-flags.json"]) {
    await cp(join(tools, name), join(root, "tools", name));
  }
  await writeFile(join(root, "package-lock.json"), "{}");
  const lock = createHash("sha256").update("{}").digest("hex");
  await writeFile(join(root, "node_modules", ".quarry-installed"), lock);
  const program = "console.log(JSON.stringify([process.cwd(), ...process.argv.slice(2)]));\n";
  await writeFile(join(root, "src", "main.ts"), program);
  const builder = `import { writeFileSync } from "node:fs";
writeFileSync(new URL("../built", import.meta.url), process.argv.slice(2).join(" "));\n`;
  await writeFile(join(root, "tools", "build.ts"), builder);
}

test("commands run where npm was called, so that files are named as the caller sees them", async (t) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "quarry-anywhere-")));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [root, elsewhere] = [join(folder, "quarry"), join(folder, "elsewhere")];
  await Promise.all([mkdir(root), mkdir(elsewhere)]);
  await makeProject(root);
  const called = async (env: Readonly<Record<string, string>>, ...argv: readonly string[]) => {
    const { INIT_CWD: _outer, ...own } = process.env;
    const args = [join(root, "tools", "run.mjs"), ...argv];
    const { stdout } = await run(process.execPath, args, { cwd: root, env: { ...own, ...env } });
    return JSON.parse(stdout) as readonly string[];
  };
  const files = ["policy", "validate", "policies/a.json"];
  const from = { INIT_CWD: elsewhere };
  assert.deepEqual(await called(from, "quarry", ...files), [elsewhere, ...files]);
  assert.deepEqual(await called(from, "start"), [elsewhere, "start"]);
  assert.deepEqual(await called({}, "quarry", ...files), [root, ...files]);
});

test("npm start builds the page first, for a bare clone has none", async (t) => {
  const root = await realpath(await mkdtemp(join(tmpdir(), "quarry-build-")));
  t.after(() => rm(root, { recursive: true, force: true }));
  await makeProject(root);
  const options = { cwd: tmpdir(), env: { ...process.env, INIT_CWD: tmpdir() } };
  await run(process.execPath, [join(root, "tools", "run.mjs"), "start"], options);
  assert.equal(await readFile(join(root, "built"), "utf8"), "--only=ui --quiet");
});

test(
  "what npm started ends when npm was ended",
  { skip: process.platform === "win32" },
  async (t) => {
    const root = await realpath(await mkdtemp(join(tmpdir(), "quarry-orphan-")));
    t.after(() => rm(root, { recursive: true, force: true }));
    await makeProject(root);
    const program = `process.on("SIGTERM", () => { console.log("ended"); process.exit(0); });
setInterval(() => undefined, 1000);
console.log("ready");\n`;
    await writeFile(join(root, "src", "main.ts"), program);
    // The colon keeps the shell from replacing itself by the program, as npm's does not either.
    const line = `"${process.execPath}" "${join(root, "tools", "run.mjs")}" quarry; :`;
    const shell = spawn("sh", ["-c", line], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    for await (const chunk of shell.stdout) {
      text += String(chunk);
      if (text === "ready\n") shell.kill("SIGTERM");
    }
    assert.equal(text, "ready\nended\n");
  },
);
