import { usageError } from "./context.ts";

/** A flag of a command. */
export type Flag = {
  /** With its dashes: `--port`. */
  readonly name: string;
  /** What stands for its value in help texts; a flag without one is a switch. */
  readonly value?: string;
  readonly isRepeatable?: boolean;
  readonly help: string;
};

/** A command line, sorted. */
export type ParsedArguments = {
  /** Flag -> its values, in order; a switch that was given has none. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly words: readonly string[];
};

const shownLengthMax = 60;

/**
 * Sorts a command line into flags and words. Takes `--flag value` and `--flag=value`; after `--`
 * everything is a word.
 *
 * @throws CliError with exit code 2 for a flag that is unknown, repeated or without its value.
 */
export function parseArguments(
  argv: readonly string[],
  options: { readonly command: string; readonly flags: readonly Flag[]; readonly wordsMax: number },
): ParsedArguments {
  const { command, flags: known } = options;
  const flags = new Map<string, readonly string[]>();
  const words: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      words.push(...rest.splice(0));
    } else if (word.startsWith("-") && word !== "-") {
      const equals = word.indexOf("=");
      const name = equals === -1 ? word : word.slice(0, equals);
      const flag = known.find((each) => each.name === name);
      if (flag === undefined) throw unknownFlag(name, options);
      const before = flags.get(name);
      if (before !== undefined && flag.isRepeatable !== true) {
        throw usageError(`${name} is given twice; give it once.`);
      }
      const value = equals === -1 ? undefined : word.slice(equals + 1);
      flags.set(name, [...(before ?? []), ...valueOf(flag, value, rest)]);
    } else {
      words.push(word);
    }
  }
  const extra = words[options.wordsMax];
  if (extra !== undefined) {
    throw usageError(`"quarry ${command}" does not take ${shown(extra)}; ${seeHelp(command)}`);
  }
  return { flags, words };
}

function valueOf(flag: Flag, joined: string | undefined, rest: string[]): readonly string[] {
  if (flag.value === undefined) {
    if (joined === undefined) return [];
    throw usageError(`${flag.name} takes no value; write it alone.`);
  }
  // A value that looks like a flag is a forgotten value; one that really is can be joined by "=".
  const next = joined ?? (rest[0]?.startsWith("--") === true ? undefined : rest.shift());
  if (next === undefined || next === "") {
    throw usageError(`${flag.name} needs a value; write ${flag.name} ${flag.value}.`);
  }
  return [next];
}

function unknownFlag(
  name: string,
  { command, flags }: { readonly command: string; readonly flags: readonly Flag[] },
): Error {
  const close = closest(
    name,
    flags.map((flag) => flag.name),
  );
  const hint = close === undefined ? "" : `did you mean ${close}? `;
  return usageError(
    `${shown(name)} is no flag of "quarry ${command}"; ${hint}${capital(hint, seeHelp(command))}`,
  );
}

function seeHelp(command: string): string {
  return `see "quarry ${command} --help".`;
}

function capital(before: string, text: string): string {
  return before === "" ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

/** A word from outside as a message may show it: short, quoted, on one line. */
export function shown(text: string): string {
  const short = text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text;
  return JSON.stringify(short.toWellFormed());
}

/** The one of `known` that `word` most likely means: at most two letters away. */
export function closest(word: string, known: readonly string[]): string | undefined {
  if (word.length > shownLengthMax) return undefined;
  const ranked = known
    .map((each) => ({ each, distance: editDistance(word, each) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.each;
}

/** Levenshtein's distance: how many letters must be put in, taken out or changed. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
