import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { getPriority, platform } from "node:os";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { giveWay } from "./give-way.ts";

test("a process that gives way is less urgent than the one that started it", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(child, "spawn");
  giveWay(child.pid);
  assert.equal(getPriority(child.pid ?? 0), Math.min(19, getPriority() + 5));
  child.kill();
  await once(child, "exit");
});

test("a process that has gone, or never came, is no failure", () => {
  giveWay(undefined);
  giveWay(2 ** 30);
});

const thread = `
  import { getPriority } from "node:os";
  import { parentPort } from "node:worker_threads";
  import { giveWayAsThread } from ${JSON.stringify(new URL("give-way.ts", import.meta.url).href)};
  giveWayAsThread();
  parentPort.postMessage(getPriority(0));
`;

test("a thread that gives way leaves the process as urgent as it was", async () => {
  const before = getPriority();
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(thread)}`));
  const [own] = (await once(worker, "message")) as [number];
  assert.equal(own, platform() === "linux" ? Math.min(19, before + 5) : before);
  assert.equal(getPriority(), before);
  await worker.terminate();
});
