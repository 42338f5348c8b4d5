import type { Command } from "./command.ts";
import { formatTable } from "./table.ts";

/** What a terminal shows without breaking lines of its own accord. */
const lineWidth = 80;
/** A longer flag stands on a line of its own, so that the rest keeps its room. */
const flagWidthMax = 24;
const indent = "  ";

/** What the program can do. */
export function renderHelp(commands: readonly Pick<Command, "name" | "summary">[]): string {
  const rows = commands.map(({ name, summary }) => [`  ${name}`, summary]);
  return [
    "Quarry speaks the Amazon Q Business API: cited answers over your buckets.",
    "",
    "Usage: quarry COMMAND [flags]",
    "",
    formatTable([...rows, ["  help", "this text"], ["  version", "the version"]]).trimEnd(),
    "",
    'Each command has its own help: "quarry serve --help".',
    "",
  ].join("\n");
}

/** What one command takes. */
export function renderCommandHelp({ name, summary, usage, notes = [], flags }: Command): string {
  const paragraphs = notes.flatMap((note) => [...wrap(note, lineWidth), ""]);
  return [
    ...hanging(wrap(`quarry ${name}: ${summary}`, lineWidth - indent.length)),
    "",
    ...hanging(wrap(`Usage: quarry ${name} ${usage}`, lineWidth - indent.length)),
    "",
    ...paragraphs,
    ...flagLines(flags),
    "",
  ].join("\n");
}

function flagLines(flags: Command["flags"]): readonly string[] {
  const written = flags.map(({ name, value, help }) => ({
    flag: value === undefined ? name : `${name} ${value}`,
    help,
  }));
  const fitting = written.map(({ flag }) => flag.length).filter((width) => width <= flagWidthMax);
  const width = Math.max(0, ...fitting) + 2 * indent.length;
  return written.flatMap(({ flag, help }) => {
    const [first = "", ...rest] = wrap(help, lineWidth - width);
    const below = rest.map((line) => " ".repeat(width) + line);
    const isAlone = flag.length > flagWidthMax;
    const head = isAlone
      ? [`${indent}${flag}`, " ".repeat(width) + first]
      : [`${indent}${flag}`.padEnd(width) + first];
    return [...head, ...below];
  });
}

function hanging(lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => (at === 0 ? line : indent + line));
}

/** Text in lines of at most `width` characters; a longer word is left whole. */
function wrap(text: string, width: number): readonly string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
