import assert from "node:assert/strict";
import { test } from "node:test";
import { withRetries, type RetryPolicy } from "./retry.ts";
import { sleep } from "./sleep.ts";

function policyWith(waits: number[], random = 1): RetryPolicy {
  const wait = async (ms: number): Promise<void> => void waits.push(ms);
  return { attemptsMax: 8, delayMsBase: 100, delayMsMax: 1_000, random: () => random, sleep: wait };
}

/** Fails the first `times` times it is called. */
function failing(times: number): () => Promise<number> {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw new Error(`failure ${calls}`);
    return calls;
  };
}

test("waits double up to their limit, and a part of each is left to chance", async () => {
  const waits: number[] = [];
  assert.equal(await withRetries(policyWith(waits), { isWorthIt: () => true }, failing(6)), 7);
  assert.deepEqual(waits, [100, 200, 400, 800, 1000, 1000]);
  const halves: number[] = [];
  await withRetries(policyWith(halves, 0.5), { isWorthIt: () => true }, failing(2));
  assert.deepEqual(halves, [50, 100]);
});

test("the last failure is thrown when the attempts are used up", async () => {
  const waits: number[] = [];
  const run = withRetries(policyWith(waits), { isWorthIt: () => true }, failing(99));
  await assert.rejects(run, /failure 8/);
  assert.equal(waits.length, 7);
});

test("a failure that is not worth it is thrown at once", async () => {
  const waits: number[] = [];
  await assert.rejects(
    withRetries(policyWith(waits), { isWorthIt: () => false }, failing(1)),
    /failure 1/,
  );
  assert.deepEqual(waits, []);
});

test("a raised signal ends the attempts, also during a wait", async () => {
  const isWorthIt = (): boolean => true;
  const waits: number[] = [];
  const raised = { isWorthIt, signal: AbortSignal.abort() };
  await assert.rejects(withRetries(policyWith(waits), raised, failing(0)), { name: "AbortError" });
  const patient = { ...policyWith(waits), delayMsBase: 60_000, delayMsMax: 60_000, sleep };
  const soon = { isWorthIt, signal: AbortSignal.timeout(20) };
  await assert.rejects(withRetries(patient, soon, failing(9)), { name: "AbortError" });
});
