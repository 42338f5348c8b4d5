/**
 * The program's commands. `serve` and `start` run a server in this process; every other command is
 * a thin client of the same API that everyone else uses.
 *
 * Words: a *flag* begins with dashes; a *setting* is a fact about the server that a flag, the
 * environment or a file may write; a *view* shows progress.
 * Not here: what the server does. Only the wire and its contract are known.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { closest, parseArguments, shown } from "./arguments.ts";
import type { Command } from "./command.ts";
import { type CliContext, CliError, exitCodes, usageError } from "./context.ts";
import { renderCommandHelp, renderHelp } from "./help.ts";
import { plainLine } from "./table.ts";

export type { CliContext, Signals, StopSignal, TextSink } from "./context.ts";

type Entry = Pick<Command, "name" | "summary"> & {
  /** Gets what stands behind the name, which may say which command of a family is meant. */
  readonly load: (rest: readonly string[]) => Promise<Command>;
};

/** Loaded when called for: a server must be ready before the client's tables are read. */
const commands: readonly Entry[] = [
  {
    name: "start",
    summary: "run the server with a demo (what npm start does)",
    load: async () => (await import("./start.ts")).start,
  },
  {
    name: "serve",
    summary: "run the server",
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    name: "demo",
    summary: "make the demo on a running server",
    load: async () => (await import("./demo/command.ts")).demo,
  },
  {
    name: "ask",
    summary: "ask a question and print the answer with its sources",
    load: async () => (await import("./ask.ts")).ask,
  },
  {
    name: "sync",
    summary: "sync a data source and show what became of its documents",
    load: async () => (await import("./sync/sync.ts")).sync,
  },
  {
    name: "doctor",
    summary: "check this machine, the server and its data sources",
    load: async () => (await import("./doctor/doctor.ts")).doctor,
  },
  {
    name: "access",
    summary: "say who may read which document, and why",
    load: async () => (await import("./access/access.ts")).access,
  },
  {
    name: "policy",
    summary: "validate, simulate, write, explain and test IAM policies",
    load: async (rest) => (await import("./policy/policy.ts")).policyCommand(rest),
  },
];

/**
 * Runs one command to its end and gives the exit code: 0, 1 for a task that failed, 2 for a wrong
 * command or configuration. What fails is one line on standard error; only a bug has a stack trace.
 */
export async function runCli(context: CliContext): Promise<number> {
  try {
    return await dispatch(context);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    context.stderr.write(`quarry: ${plainLine(error.message)}\n`);
    return error.exitCode;
  }
}

async function dispatch(context: CliContext): Promise<number> {
  const { stdout } = context;
  const [name = "help", ...rest] = context.argv;
  const isHelp = name === "help" || name === "--help" || name === "-h";
  if (name === "version" || name === "--version") {
    stdout.write(`${versionOf(context.projectRoot)}\n`);
    return exitCodes.ok;
  }
  const wanted = isHelp ? rest[0] : name;
  if (wanted === undefined || wanted === "help") {
    stdout.write(renderHelp(commands));
    return exitCodes.ok;
  }
  const entry = commands.find((each) => each.name === wanted);
  if (entry === undefined) throw unknownCommand(wanted);
  const command = await entry.load(isHelp ? rest.slice(1) : rest);
  if (isHelp || asksForHelp(rest)) {
    stdout.write(renderCommandHelp(command));
    return exitCodes.ok;
  }
  const { flags, wordsMax } = command;
  return command.run(parseArguments(rest, { command: command.name, flags, wordsMax }), context);
}

/** Whether a flag before any `--` asks for help. */
function asksForHelp(rest: readonly string[]): boolean {
  const end = rest.indexOf("--");
  const flags = end === -1 ? rest : rest.slice(0, end);
  return flags.includes("--help") || flags.includes("-h");
}

function unknownCommand(name: string): CliError {
  const close = closest(
    name,
    commands.map((each) => each.name),
  );
  const hint = close === undefined ? "" : `did you mean "quarry ${close}"? `;
  return usageError(`There is no command ${shown(name)}; ${hint}"quarry help" lists them.`);
}

function versionOf(projectRoot: string): string {
  const text = readFileSync(join(projectRoot, "package.json"), "utf8");
  return String((JSON.parse(text) as { readonly version?: unknown }).version);
}
