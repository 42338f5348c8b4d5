import type { Command } from "./command.ts";
import { formatTable } from "./table.ts";

const lineWidth = 96;

/** What the program can do. */
export function renderHelp(commands: readonly Pick<Command, "name" | "summary">[]): string {
  const rows = commands.map(({ name, summary }) => [`  ${name}`, summary]);
  return [
    "Quarry speaks the Amazon Q Business API: cited answers over your buckets.",
    "",
    "Usage: quarry COMMAND [flags]",
    "",
    formatTable([...rows, ["  help", "this text"], ["  version", "the version"]]),
    'Each command has its own help: "quarry serve --help".',
    "",
  ].join("\n");
}

/** What one command takes. */
export function renderCommandHelp({ name, summary, usage, notes = [], flags }: Command): string {
  const rows = flags.map(({ name: flag, value, help }) => [
    `  ${value === undefined ? flag : `${flag} ${value}`}`,
    help,
  ]);
  const paragraphs = notes.flatMap((note) => [wrap(note), ""]);
  return [
    `quarry ${name}: ${summary}`,
    "",
    `Usage: quarry ${name} ${usage}`,
    "",
    ...paragraphs,
    formatTable(rows),
  ].join("\n");
}

function wrap(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > lineWidth) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}
