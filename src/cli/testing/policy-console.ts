import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "../cli.ts";
import { testConsole } from "./console.ts";

/** How a command ended, with all that it said. */
export type PolicyRun = { readonly code: number; readonly out: string; readonly err: string };

/** A folder for policies that goes with its test, and the program working in it. */
export type PolicyFolder = AsyncDisposable & {
  readonly path: string;
  readonly put: (name: string, content: string | object | Uint8Array) => Promise<string>;
  /** Runs `quarry policy …` in the folder. */
  readonly run: (argv: readonly string[], options?: RunOptions) => Promise<PolicyRun>;
};

type RunOptions = {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
};

export async function policyFolder(): Promise<PolicyFolder> {
  const path = await mkdtemp(join(tmpdir(), "quarry-policy-"));
  return {
    path,
    async put(name, content) {
      const isRaw = typeof content === "string" || content instanceof Uint8Array;
      await writeFile(join(path, name), isRaw ? content : JSON.stringify(content, null, 2));
      return name;
    },
    async run(argv, { stdin, env = {} } = {}) {
      const console = testConsole(["policy", ...argv], { cwd: path, env });
      const code = await runCli({
        ...console,
        ...(stdin !== undefined && { stdin: piece(stdin) }),
      });
      return { code, out: console.out(), err: console.err() };
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** A text that arrives in pieces, which cut lines and characters in two. */
async function* piece(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  const sizeBytes = Math.max(7, Math.ceil(bytes.length / 64));
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

/** A policy document of statements that allow unless they say otherwise. */
export function policyOf(...statements: readonly object[]): object {
  const whole = statements.map((one) => ({ Effect: "Allow", ...one }));
  return { Version: "2012-10-17", Statement: whole };
}
