import assert from "node:assert/strict";
import { test } from "node:test";
import { compareDecisions } from "./principals-random.ts";

test("the engine decides as the plain evaluator does, on 20,000 random triples", async () => {
  const { decisions, allowed, readers } = await compareDecisions({ seed: 1, decisions: 20_000 });
  assert.equal(decisions, 20_000);
  assert.ok(allowed > decisions / 10 && allowed < decisions / 2, `${allowed} were allowed`);
  assert.ok(readers > 200, `${readers} readers were named`);
});
