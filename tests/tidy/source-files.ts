import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";

/** TypeScript files below a folder that are not tests, with forward slashes, sorted. */
export function sourceFiles(folder: string): readonly string[] {
  return globSync(`${folder}/**/*.ts`)
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !file.endsWith(".test.ts"))
    .sort();
}

/** The folder below `src` that a file lies in, or the file's own name at the top. */
export function moduleOf(file: string): string {
  return file.split("/")[1] ?? file;
}

/** Our own files that a file imports, statically, dynamically or as a worker's URL. */
export function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, "utf8");
  const pattern = /(?:from\s+|import\s*\(\s*|import\s+|new URL\(\s*)"(\.{1,2}\/[^"]+\.ts)"/g;
  return [...text.matchAll(pattern)].map((match) =>
    posix.normalize(posix.join(posix.dirname(file), match[1] ?? "")),
  );
}
