import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

const heapModule = new URL("./heap.ts", import.meta.url);

/** Keeps what it makes for a while, as a sync does with its batches; prints the largest old space. */
const program = `
  import { getHeapSpaceStatistics } from "node:v8";
  import { keepHeapsSmall } from ${JSON.stringify(heapModule.href)};
  if (process.argv[1] === "small") keepHeapsSmall();
  const kept = [];
  let largest = 0;
  for (let i = 0; i < 1_500_000; i += 1) {
    kept[i % 60_000] = { i, list: [i, i + 1, i + 2], text: "x" + i };
    if (i % 20_000 !== 0) continue;
    const { space_size } = getHeapSpaceStatistics().find((one) => one.space_name === "old_space");
    largest = Math.max(largest, space_size);
  }
  console.log(largest);
`;

function largestOldSpace(how: "small" | "as it is"): number {
  // A young generation that is full at once: what is kept for a while is old then.
  const flags = ["--max-semi-space-size=1", "--input-type=module", "--eval", program, how];
  return Number(execFileSync(process.execPath, flags, { encoding: "utf8" }));
}

test("a heap is collected before its garbage is as large as what is alive in it", () => {
  const [small, usual] = [largestOldSpace("small"), largestOldSpace("as it is")];
  assert.ok(small > 0 && small < usual * 0.8, `${small} bytes, and ${usual} without it`);
});
