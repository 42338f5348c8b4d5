// Every npm script goes through here, so that a bare clone needs nothing but npm: dependencies and
// the right Node are installed when they are missing, then the task runs under that Node.
// Plain JavaScript for old versions of Node; everything after this file is TypeScript.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const nodeMajorMin = 24;
const parentEveryMs = 500;
/**
 * glibc gives each thread an arena of its own and keeps what was freed in it (some 18 MB here), and
 * comes to keep large pieces, too, once some were freed (60 MB while an index grows).
 */
const glibc = { MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "262144" };
const root = fileURLToPath(new URL("..", import.meta.url));
// npm runs scripts in the package's folder and says here where it was called. Quarry's own commands
// run there, as an installed one would, so that files are named as the caller sees them.
const calledFrom = process.env.INIT_CWD ?? process.cwd();
process.chdir(root);

// In a file of their own, so that the benchmark of starts uses the same.
const nodeFlags = JSON.parse(readFileSync(join("tools", "node-flags.json"), "utf8"));
const tests = ["src/**/*.test.ts", "tests/**/*.test.ts", "ui/src/**/*.test.ts"];
const tidy = ["--test", "--test-reporter=dot", "tests/tidy/*.test.ts"];
const main = join(root, "src", "main.ts");
const buildPage = [join(root, "tools", "build.ts"), "--only=ui", "--quiet"];
const tasks = {
  // A smaller young generation: a demo that idles on a laptop should be small rather than fastest.
  start: (rest) => [buildPage, [...nodeFlags.start, main, "start", ...rest]],
  quarry: (rest) => [[main, ...rest]],
  build: () => [["tools/build.ts"]],
  test: (rest) => [
    buildPage,
    [
      "--import=./tests/support/before-tests.ts",
      "--test",
      "--test-isolation=none",
      "--test-force-exit",
      ...(rest.length > 0 ? rest : tests),
    ],
  ],
  check: () => [
    [bin("typescript", "bin/tsc"), "--noEmit"],
    [bin("typescript", "bin/tsc"), "--noEmit", "-p", "ui"],
    [bin("oxlint", "bin/oxlint"), "--deny-warnings"],
    [bin("oxfmt", "bin/oxfmt"), "--check"],
    tidy,
  ],
  format: () => [[bin("oxfmt", "bin/oxfmt")]],
  bench: (rest) => [buildPage, ["bench/run.ts", ...rest]],
  conformance: (rest) => [["conformance/run.ts", ...rest]],
};

/** The script behind a package's command, so that it runs under our Node and not the system's. */
function bin(packageName, path) {
  return join("node_modules", packageName, path);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function npm(args) {
  const shell = process.platform === "win32";
  return spawnSync("npm", args, { stdio: ["ignore", 2, 2], shell }).status === 0;
}

/** Installs once per state of the lock file; a later start costs one hash of it. */
function installDependencies() {
  const marker = join("node_modules", ".quarry-installed");
  const lock = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");
  if (existsSync(marker) && readFileSync(marker, "utf8") === lock) return;
  console.error("Installing dependencies (first start only) …");
  if (!npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
    fail("npm ci failed; see above.");
  writeFileSync(marker, lock);
}

function majorOf(version) {
  return Number(version.replace(/^v/, "").split(".")[0]);
}

function nodeOf(path) {
  if (!existsSync(path)) return undefined;
  const run = spawnSync(path, ["--version"], { encoding: "utf8" });
  return run.status === 0 && majorOf(run.stdout.trim()) >= nodeMajorMin ? path : undefined;
}

/** The running Node where it is new enough, else the one the development dependency brings. */
function findNode() {
  if (majorOf(process.versions.node) >= nodeMajorMin) return process.execPath;
  const path = join(
    root,
    "node_modules",
    "node",
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  const found = nodeOf(path);
  if (found !== undefined) return found;
  // npm can be set up not to run install scripts, and that package fetches its binary in one.
  npm(["rebuild", "node", "--ignore-scripts=false", "--loglevel=error"]);
  return (
    nodeOf(path) ??
    fail(
      `Quarry needs Node ${nodeMajorMin} or newer and could not install it; found ${process.version}.`,
    )
  );
}

/**
 * npm hands SIGTERM to a shell, which ends without telling anybody: a server that was started by
 * "npm start &" would stay when npm is ended. Windows does not say when a parent is gone.
 */
function afterParent(act) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    act();
  }, parentEveryMs);
  return watch;
}

/** Runs one step to its end, hands signals on, and gives its exit code. */
function runStep(node, args, cwd) {
  return new Promise((resolve) => {
    // Keeps compiled code between starts: twice as quick to be ready, and less memory when idle.
    const cache = join(root, "node_modules", ".cache", "compiled");
    const env = { NODE_COMPILE_CACHE: cache, ...glibc, ...process.env };
    const child = spawn(node, args, { stdio: "inherit", env, cwd });
    const forward = (signal) => child.kill(signal);
    process.on("SIGINT", forward);
    process.on("SIGTERM", forward);
    const watch = afterParent(() => forward("SIGTERM"));
    child.on("exit", (code, signal) => {
      clearInterval(watch);
      process.off("SIGINT", forward);
      process.off("SIGTERM", forward);
      resolve(code ?? (signal === null ? 1 : 128));
    });
  });
}

const [name, ...rest] = process.argv.slice(2);
const task = tasks[name];
if (task === undefined) fail(`No task "${name}". There are: ${Object.keys(tasks).join(", ")}.`);
installDependencies();
const node = findNode();
const cwd = ["start", "quarry"].includes(name) ? calledFrom : root;
for (const args of task(rest)) {
  const code = await runStep(node, args, cwd);
  if (code !== 0) process.exit(code);
}
