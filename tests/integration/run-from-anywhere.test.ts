import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
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
