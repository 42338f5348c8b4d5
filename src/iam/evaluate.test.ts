import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "./evaluate.ts";
import { type DecisionCase, policiesOf, readShared, requestOf } from "./testing/shared-cases.ts";

const words = { allow: "Allow", implicitDeny: "ImplicitDeny", explicitDeny: "ExplicitDeny" };

test("every shared decision case is decided as documented", (t) => {
  const file = readShared("decisions.json") as { cases: DecisionCase[] } | undefined;
  if (file === undefined) return t.skip("shared/data/iam is not here");
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  let disputed = 0;
  for (const one of file.cases) {
    const got = words[evaluate(requestOf(one), policiesOf(one)).decision];
    if (one.basis === "disputed") {
      disputed += 1;
      t.diagnostic(`disputed ${one.id}: ours ${got}, given ${one.expect}`);
      continue;
    }
    counts.set(one.group, (counts.get(one.group) ?? 0) + 1);
    if (got !== one.expect) wrong.push(`${one.id}: ${got}, expected ${one.expect} (${one.why})`);
  }
  for (const [group, count] of counts) t.diagnostic(`${group}: ${count}`);
  assert.deepEqual(wrong, []);
  const scored = [...counts.values()].reduce((sum, count) => sum + count, 0);
  assert.equal(scored + disputed, 136);
});
