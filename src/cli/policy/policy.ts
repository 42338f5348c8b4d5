import type { ParsedArguments } from "../arguments.ts";
import { closest, shown } from "../arguments.ts";
import type { Command } from "../command.ts";
import { usageError } from "../context.ts";
import { policyExplain } from "./explain.ts";
import { policySimulate } from "./simulate.ts";
import { policyTest } from "./tables.ts";
import { policyValidate } from "./validate.ts";
import { policyWrite } from "./write.ts";
import { formatTable } from "../table.ts";

const parts: readonly Command[] = [
  policyValidate,
  policySimulate,
  policyWrite,
  policyExplain,
  policyTest,
];

/** `quarry policy` alone: says what its commands are. */
const overview: Command = {
  name: "policy",
  summary: "validate, simulate, write, explain and test IAM policies, without a server",
  usage: "validate|simulate|write|explain|test …",
  notes: ['Each has help of its own: "quarry policy validate --help".'],
  flags: parts.map(({ name, summary }) => ({ name: name.slice("policy ".length), help: summary })),
  wordsMax: 0,
  run: async (_parsed, { stdout }) => {
    stdout.write(formatTable(parts.map(({ name, summary }) => [`quarry ${name}`, summary])));
    return 0;
  },
};

/**
 * The command that the words behind `quarry policy` mean. Its own name stays in front of its words
 * on the command line, and `run` does not see it.
 *
 * @throws CliError with exit code 2 for a word that is none of them.
 */
export function policyCommand([word]: readonly string[]): Command {
  if (word === undefined || word.startsWith("-")) return overview;
  const found = parts.find(({ name }) => name === `policy ${word}`);
  if (found !== undefined) return withoutName(found);
  const names = parts.map(({ name }) => name.slice("policy ".length));
  const close = closest(word, names);
  const hint = close === undefined ? "" : `did you mean "quarry policy ${close}"? `;
  throw usageError(
    `There is no command ${shown(`quarry policy ${word}`)}; ${hint}"quarry policy --help" lists them.`,
  );
}

function withoutName(command: Command): Command {
  const strip = (parsed: ParsedArguments): ParsedArguments => ({
    ...parsed,
    words: parsed.words.slice(1),
  });
  return {
    ...command,
    wordsMax: command.wordsMax + 1,
    run: (parsed, context) => command.run(strip(parsed), context),
  };
}
