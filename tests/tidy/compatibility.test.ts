import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { operations as contract, queryContracts } from "../../src/contract/contract.ts";
import { notBuilt, operations, unbuiltQueryActions } from "../../src/operations/operations.ts";
import { kmsOperations, unbuiltKmsOperations } from "../../src/operations/kms/kms-operations.ts";

const page = readFileSync("docs/compatibility.md", "utf8");
const titles = ["Amazon Q Business", "IAM", "STS", "KMS"];
const again = "Generate docs/compatibility.md again; its head says how.";

/** Operation -> what the newest SDK found, from the table below a title. */
function rowsBelow(title: string): ReadonlyMap<string, string> {
  const part = page.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = [...part.matchAll(/^\| (\w+) \| ([^|]+) \|/gm)].slice(1);
  return new Map(rows.map(([, operation = "", status = ""]) => [operation, status.trim()]));
}

function namesOf(rows: ReadonlyMap<string, string>, ...statuses: readonly string[]): string[] {
  return [...rows].filter(([, status]) => statuses.includes(status)).map(([name]) => name);
}

function assertTold(
  rows: ReadonlyMap<string, string>,
  registry: { readonly built: readonly string[]; readonly unbuilt: readonly string[] },
): void {
  assert.deepEqual(namesOf(rows, "works", "differs").sort(), [...registry.built].sort(), again);
  assert.deepEqual(namesOf(rows, "missing").sort(), [...registry.unbuilt].sort(), again);
}

describe("docs/compatibility.md", () => {
  test("lists exactly the contract's operations, each once", () => {
    const rows = rowsBelow("Amazon Q Business");
    assert.equal(rows.size, 83, again);
    assert.deepEqual([...rows.keys()].sort(), Object.keys(contract).sort(), again);
    const listed = page.match(/^\| [A-Z]\w+ \| \w/gm) ?? [];
    const heads = titles.length;
    const all = titles.reduce((sum, t) => sum + rowsBelow(t).size, 0);
    assert.equal(listed.length, all + heads, "an operation stands twice");
  });

  test("says of each operation what the registries say", () => {
    const built = Object.keys(operations);
    assertTold(rowsBelow("Amazon Q Business"), { built, unbuilt: Object.keys(notBuilt) });
  });

  for (const [title, service] of [
    ["IAM", "iam"],
    ["STS", "sts"],
  ] as const) {
    test(`says of each action of ${title} what the registries say`, () => {
      const unbuilt = unbuiltQueryActions(service);
      const names = Object.keys(queryContracts[service].operations);
      const built = names.filter((name) => !unbuilt.includes(name));
      assert.ok(names.length >= 7);
      assertTold(rowsBelow(title), { built, unbuilt });
    });
  }

  test("says of each operation of KMS what the registry says", () => {
    assertTold(rowsBelow("KMS"), {
      built: Object.keys(kmsOperations),
      unbuilt: unbuiltKmsOperations,
    });
  });

  test("holds no failure", () => {
    assert.doesNotMatch(page, /\| fails \|/);
  });
});
