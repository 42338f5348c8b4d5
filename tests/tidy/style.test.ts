import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { sourceFiles } from "./source-files.ts";

const linesMax = 400;
// Tables and generated files: length is no sign of a mixed-up file there.
const longFiles = new Set([
  "src/contract/iam-shapes.ts",
  "src/contract/limits.ts",
  "src/contract/shapes.ts",
]);
const files = [...sourceFiles("src"), ...sourceFiles("bench"), ...sourceFiles("tools")];
const texts = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));

function offenders(pattern: RegExp, allowed: (file: string) => boolean): readonly string[] {
  return [...texts].filter(([file, text]) => pattern.test(text) && !allowed(file)).map(([f]) => f);
}

test("no source file and no test is longer than 400 lines", () => {
  const all = globSync("{src,bench,tools,tests,ui/src,conformance}/**/*.{ts,tsx}");
  const long = all
    .map((file) => [file.replaceAll("\\", "/"), readFileSync(file, "utf8")] as const)
    .map(([file, text]) => ({ file, lines: text.split("\n").length }))
    .filter(({ file, lines }) => lines > linesMax && !longFiles.has(file));
  assert.ok(all.length >= 1000, `only ${all.length} files seen`);
  assert.deepEqual(long, []);
});

test("only the clock reads the time", () => {
  const allowed = (file: string): boolean =>
    !file.startsWith("src/") || file === "src/core/clock.ts";
  assert.deepEqual(offenders(/\bDate\.now\(|new Date\(\)/, allowed), []);
});

test("only the composition root and the command line read the environment", () => {
  const allowed = (file: string): boolean =>
    !file.startsWith("src/") || file === "src/main.ts" || file.startsWith("src/cli/");
  assert.deepEqual(offenders(/\bprocess\.env\b/, allowed), []);
});

test("only the store writes SQL and knows the database driver", () => {
  const allowed = (file: string): boolean =>
    file.startsWith("src/store/") || !file.startsWith("src/");
  assert.deepEqual(offenders(/from "node:sqlite"/, allowed), []);
});

test("no test is focused, skipped for ever or left to do", () => {
  const tests = globSync(["src/**/*.test.ts", "tests/**/*.test.ts"]);
  assert.ok(tests.length >= 5, `only ${tests.length} test files seen`);
  const loose = tests.filter((file) =>
    /\b(?:test|it|describe)\.(?:only|todo)\(/.test(readFileSync(file, "utf8")),
  );
  assert.deepEqual(loose, []);
});
