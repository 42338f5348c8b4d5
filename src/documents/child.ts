import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { pipeline } from "node:stream/promises";
import { giveWay } from "../core/give-way.ts";
import { createAnswer } from "./answer.ts";
import type { Ended } from "./answer.ts";
import { createFrameReader, encodeFrameHead } from "./frames.ts";
import { parseReply } from "./messages.ts";
import type { Job } from "./messages.ts";

/** The bytes of a document and how many there are. */
export type Content = {
  readonly sizeBytes: number;
  readonly source: Uint8Array | AsyncIterable<Uint8Array>;
};

/** A process that reads one document at a time. */
export type Child = {
  readonly processId: number | undefined;
  /** Sends a document and waits for the end. Never rejects. A killed child is of no further use. */
  readonly run: (job: Job, content: Content, limits: RunLimits) => Promise<Ended>;
  readonly isUsable: () => boolean;
  /** Ends the process and resolves when it is gone. */
  readonly end: () => Promise<void>;
};

/** When to give up on a document. */
export type RunLimits = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined };

type KillCode = Extract<Ended, { how: "killed" }>["code"];

/** Starts a child. It inherits no environment and no descriptor but the pipe. */
export function startChild(module: URL, heapMb: number): Child {
  const process = spawnChild(module, heapMb);
  // Reading can wait; whoever asks a question meanwhile should not have to.
  giveWay(process.pid);
  const pipe = pipeOf(process);
  const answer = createAnswer();
  const idle = referenceSwitch(process, pipe);
  let killedFor: KillCode | undefined;
  let isGone = false;

  const kill = (code: KillCode): void => {
    killedFor ??= code;
    process.kill("SIGKILL");
  };
  const gone = new Promise<void>((resolve) => {
    const finish = (code: KillCode): void => {
      isGone = true;
      pipe.destroy();
      answer.fail(killedFor ?? code);
      resolve();
    };
    process.once("exit", (_status, signal) => finish(codeOfSignal(signal)));
    process.once("error", () => finish("crashed"));
  });
  const read = createFrameReader(({ header }) => answer.add(parseReply(header)), 0);
  pipe.on("data", (piece: Buffer) => {
    try {
      read(piece);
    } catch {
      // Whatever writes here is no longer our own code.
      kill("crashed");
    }
  });
  // Broken pipes show as the exit of the process.
  pipe.on("error", () => undefined);
  idle(true);

  return {
    processId: process.pid,
    isUsable: () => !isGone && killedFor === undefined,
    async run(job, content, { timeoutMs, signal }) {
      idle(false);
      const ended = answer.begin();
      const timer = setTimeout(() => kill("timeout"), timeoutMs);
      const abort = (): void => kill("aborted");
      signal?.addEventListener("abort", abort);
      if (signal?.aborted === true) abort();
      if (isGone) answer.fail("crashed");
      else void sendDocument(pipe, job, content).catch(() => isGone || kill("unreadable"));
      try {
        return await ended;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        idle(true);
      }
    },
    async end() {
      if (isGone) return;
      idle(false);
      kill("aborted");
      await gone;
    },
  };
}

function spawnChild(module: URL, heapMb: number): ChildProcess {
  const flags = [
    `--max-old-space-size=${heapMb}`,
    // A reader that is talked into more than reading cannot write files or start programs.
    "--permission",
    "--allow-fs-read=*",
    "--allow-worker",
    "--disable-warning=SecurityWarning",
    "--disable-warning=ExperimentalWarning",
  ];
  return spawn(process.execPath, [...flags, fileURLToPath(module)], {
    env: {},
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    windowsHide: true,
  });
}

function pipeOf(process: ChildProcess): Duplex {
  const pipe: unknown = process.stdio[3];
  if (!(pipe instanceof Duplex)) throw new Error("the child has no pipe");
  return pipe;
}

/** The watchdog and the kernel kill with SIGKILL when memory runs out; V8 aborts. */
function codeOfSignal(signal: NodeJS.Signals | null): KillCode {
  return signal === "SIGKILL" || signal === "SIGABRT" ? "memory" : "crashed";
}

async function sendDocument(pipe: Duplex, job: Job, content: Content): Promise<void> {
  // Together, where it can be: each write wakes the child.
  pipe.cork();
  pipe.write(encodeFrameHead(job, content.sizeBytes));
  if (content.source instanceof Uint8Array) pipe.write(content.source);
  pipe.uncork();
  if (content.source instanceof Uint8Array) return;
  await pipeline(exactly(content.source, content.sizeBytes), pipe, { end: false });
}

/** The pieces, as long as they are as many bytes as announced. */
async function* exactly(
  pieces: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): AsyncGenerator<Uint8Array> {
  let left = sizeBytes;
  for await (const piece of pieces) {
    left -= piece.length;
    if (left < 0) break;
    yield piece;
  }
  if (left !== 0) throw new Error("the file changed while it was read");
}

/** An idle child does not keep the server's process alive. */
function referenceSwitch(process: ChildProcess, pipe: Duplex): (isIdle: boolean) => void {
  const socket = pipe as Duplex & { ref?: () => void; unref?: () => void };
  return (isIdle) => {
    if (isIdle) {
      process.unref();
      socket.unref?.();
    } else {
      process.ref();
      socket.ref?.();
    }
  };
}
