// What an installation for use takes on the disk: the package as it would be published and its
// dependencies, without what only development needs.
import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { atMost, plainRow, type Row } from "./support/row.ts";

const installedMbMax = 150;
const root = fileURLToPath(new URL("..", import.meta.url));

/** Builds and packs the package, installs it into an empty folder, and weighs that. */
export default async function size(): Promise<readonly Row[]> {
  execFileSync(process.execPath, ["tools/build.ts", "--quiet"], { cwd: root, stdio: "inherit" });
  const folder = mkdtempSync(join(tmpdir(), "quarry-bench-size-"));
  try {
    const file = pack(folder);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    npm(["install", "--omit=dev", "--prefer-offline", "--no-audit", "--no-fund", file], folder);
    const modules = join(folder, "node_modules");
    const total = megabytesOf(modules);
    const own = megabytesOf(join(modules, "quarry"));
    const lock = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")) as {
      readonly packages: Readonly<Record<string, unknown>>;
    };
    return [
      atMost("size: production install", total, "MB", installedMbMax),
      plainRow("size: the package itself", own, "MB"),
      plainRow("size: packages installed", Object.keys(lock.packages).length, "packages"),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pack(folder: string): string {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [packed] = JSON.parse(npm(args, root)) as readonly { readonly filename: string }[];
  return join(folder, packed?.filename ?? "");
}

function npm(args: readonly string[], cwd: string): string {
  const isWindows = process.platform === "win32";
  return execFileSync("npm", args, { cwd, encoding: "utf8", shell: isWindows });
}

/** Bytes of all files below a folder; links are not followed. */
function megabytesOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += lstatSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes / 1e6;
}
