import type { Flag, ParsedArguments } from "./arguments.ts";
import type { CliContext } from "./context.ts";

/** A command of the program. */
export type Command = {
  readonly name: string;
  /** One line for `quarry help`. */
  readonly summary: string;
  /** What stands after the name in its usage line. */
  readonly usage: string;
  /** Further help, as paragraphs. */
  readonly notes?: readonly string[];
  readonly flags: readonly Flag[];
  readonly wordsMax: number;
  /** Gives the exit code. Rejects with a CliError for a failure of one line. */
  readonly run: (parsed: ParsedArguments, context: CliContext) => Promise<number>;
};
