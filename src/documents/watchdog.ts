// Runs in a thread of its own inside a child that reads documents, so that it still acts when the
// main thread is stuck. It can only end the process; the pool learns the reason from the signal.
import { workerData } from "node:worker_threads";

const intervalMs = 50;
const { memoryLimit, parentId } = workerData as {
  readonly memoryLimit: Int32Array;
  readonly parentId: number;
};

setInterval(() => {
  const limitMb = Atomics.load(memoryLimit, 0);
  const isTooLarge = limitMb > 0 && process.memoryUsage.rss() > limitMb * 1_000_000;
  // A process whose parent died is handed to another one.
  if (isTooLarge || process.ppid !== parentId) process.kill(process.pid, "SIGKILL");
}, intervalMs);
