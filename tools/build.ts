// Builds what cannot run as it lies here: the page (`ui/dist`, by Vite), and for publishing the server
// (`dist`, by tsc). The page is built only when its sources changed, so `npm start` and `npm test` may ask each time.
//
// Usage: node tools/build.ts [--only=ui] [--quiet]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const pageSources = ["ui/index.html", "ui/vite.config.ts", "ui/package.json", "package-lock.json"];
const marker = ".built-from";

const { values: options } = parseArgs({
  options: { only: { type: "string" }, quiet: { type: "boolean", default: false } },
});
if (options.only !== undefined && options.only !== "ui")
  fail(`There is no part "${options.only}"; there is: ui.`);

process.chdir(root);
await buildPage();
if (options.only === undefined) buildServer();

/** Leaves `ui/dist` as built from the sources that are there now. */
async function buildPage(): Promise<void> {
  const hash = hashOf([...filesBelow("ui/src"), ...pageSources]);
  if (builtFrom("ui/dist") === hash) return say("The page is up to date.");
  const started = performance.now();
  // Built aside and put in place whole: a server or another build may be reading the old one.
  const aside = `ui/.dist-${process.pid}`;
  try {
    const { build } = await import("vite");
    await build({
      root: "ui",
      configFile: join(root, "ui/vite.config.ts"),
      logLevel: "warn",
      build: { outDir: join(root, aside) },
    });
    writeFileSync(join(aside, marker), hash);
    putInPlace(aside, "ui/dist", hash);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  say(`Built the page in ${Math.round(performance.now() - started)} ms.`);
}

function putInPlace(aside: string, target: string, hash: string): void {
  try {
    rmSync(target, { recursive: true, force: true });
    renameSync(aside, target);
  } catch (error) {
    // Another build was faster; if it built the same, all is well.
    if (builtFrom(target) !== hash) throw error;
  }
}

function builtFrom(folder: string): string | undefined {
  const file = join(folder, marker);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function hashOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files.toSorted()) {
    if (file.endsWith(".test.ts")) continue;
    hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** Emits `src` to `dist` as JavaScript with declarations, and everything it reads at run time beside it. */
function buildServer(): void {
  rmSync("dist", { recursive: true, force: true });
  const tsc = join("node_modules", "typescript", "bin", "tsc");
  const run = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });
  if (run.status !== 0) fail("tsc failed; see above.");
  const scripts = filesBelow("dist").filter((file) => file.endsWith(".js"));
  for (const file of scripts) pointWorkersAtScripts(file);
  for (const file of filesBelow("src")) {
    if (!file.endsWith(".ts")) copyAlong(file);
  }
  cpSync("ui/dist", "dist/ui", { recursive: true });
  makeCommand("dist/main.js");
  say(`Built the server: ${scripts.length} files.`);
}

/** tsc renames the files in imports, but not those that workers and children are started from. */
function pointWorkersAtScripts(file: string): void {
  const text = readFileSync(file, "utf8");
  const renamed = text.replaceAll(/(new URL\(\s*"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"');
  if (renamed !== text) writeFileSync(file, renamed);
}

function copyAlong(file: string): void {
  const target = join("dist", file.slice("src".length));
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(file, target);
}

function makeCommand(file: string): void {
  if (!existsSync(file)) fail(`${file} was not emitted, so there is no command to publish.`);
  const text = readFileSync(file, "utf8");
  if (!text.startsWith("#!")) writeFileSync(file, `#!/usr/bin/env node\n${text}`);
  chmodSync(file, 0o755);
}

function say(message: string): void {
  if (!options.quiet) console.log(message);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
