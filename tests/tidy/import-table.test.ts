import assert from "node:assert/strict";
import { test } from "node:test";
import { allowedImports, publicFileExceptions } from "./import-table.ts";
import { importsOf, moduleOf, sourceFiles } from "./source-files.ts";

const files = sourceFiles("src");

test("the tree has been seen", () => {
  assert.ok(files.length >= 10, `only ${files.length} source files found`);
});

test("a module imports only the modules that the table allows, through their public file", () => {
  const wrong: string[] = [];
  for (const file of files) {
    const from = moduleOf(file);
    for (const target of importsOf(file)) {
      const to = moduleOf(target);
      if (to === from) continue;
      if (to === "main.ts") wrong.push(`${file} imports ${target}; nothing imports the root`);
      else if (from !== "main.ts" && !allowedImports[from]?.includes(to)) {
        wrong.push(`${file} imports ${to}, which the table does not allow`);
      } else if (to !== "core" && !isPublic(target, to)) {
        wrong.push(`${file} imports ${target}, the inside of ${to}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test("no two files import each other, directly or around a corner", () => {
  const graph = new Map(files.map((file) => [file, importsOf(file)]));
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), `import cycle: ${[...path, file].join(" -> ")}`);
    if (done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

/** Tests may look inside their own module only; so a public file is all that others see. */
function isPublic(target: string, module: string): boolean {
  if (target === `src/${module}/${module}.ts`) return true;
  return (publicFileExceptions[module] ?? []).some((file) => target === `src/${module}/${file}`);
}
