import { sentences } from "../documents/documents.ts";
import { plainText } from "./plain-text.ts";

/** The smallest part of a passage that an answer shows. */
export type Unit = {
  readonly kind: "sentence" | "item" | "row" | "code";
  /** Where it stands in the passage, in UTF-16 units. */
  readonly begin: number;
  readonly end: number;
  /** As a reader sees it. A table row names its columns. */
  readonly shown: string;
};

type Line = { readonly text: string; readonly begin: number; readonly end: number };
type LineKind = "blank" | "fence" | "heading" | "row" | "item" | "prose";

const unitsMax = 400;
// A longer list item is read sentence by sentence.
const itemLengthMax = 400;
// A citation mark behind a full stop: the splitter takes its bracket for the sentence's last sign.
const restOfMark = /^(?:\d{1,3}|citation needed)\](?:\[(?:\d{1,3}|citation needed)\])*\s*/;
const separatorRow = /^[\s|:-]{3,}$/;

/**
 * Takes a passage apart: prose into sentences, tables into rows, each code block as one piece.
 * Headings are no units: they say what follows is about, not what it says.
 */
export function unitsOf(text: string): readonly Unit[] {
  const lines = linesOf(text);
  const units: Unit[] = [];
  let at = 0;
  while (at < lines.length && units.length < unitsMax) {
    const kind = kindOf(lines[at]?.text ?? "");
    let end = at + 1;
    if (kind === "fence") {
      while (end < lines.length && kindOf(lines[end]?.text ?? "") !== "fence") end += 1;
      pushCode(lines.slice(at + 1, end), text, units);
      end += 1;
    } else {
      // An item goes on over the lines below it that begin nothing new.
      const goesOn = kind === "item" ? "prose" : kind;
      while (end < lines.length && kindOf(lines[end]?.text ?? "") === goesOn) end += 1;
      if (kind === "item") pushItem(lines.slice(at, end), text, units);
      if (kind === "row") pushRows(lines.slice(at, end), units);
      if (kind === "prose") pushSentences(lines.slice(at, end), text, units);
    }
    at = end;
  }
  return units;
}

function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (let begin = 0; begin <= text.length;) {
    const feed = text.indexOf("\n", begin);
    const end = feed === -1 ? text.length : feed;
    lines.push({ text: text.slice(begin, end), begin, end });
    begin = end + 1;
  }
  return lines;
}

function kindOf(line: string): LineKind {
  const start = line.trimStart();
  if (start === "") return "blank";
  if (start.startsWith("```") || start.startsWith("~~~")) return "fence";
  if (/^#{1,6}\s/.test(start)) return "heading";
  if (/^(?:[-*+•]|\d{1,3}[.)])\s/.test(start)) return "item";
  if (start.startsWith("|") || start.includes(" | ")) return "row";
  return "prose";
}

function pushCode(lines: readonly Line[], text: string, units: Unit[]): void {
  const first = lines.find((line) => line.text.trim() !== "");
  const last = lines.findLast((line) => line.text.trim() !== "");
  if (first === undefined || last === undefined) return;
  const shown = text.slice(first.begin, last.end);
  units.push({ kind: "code", begin: first.begin, end: last.end, shown });
}

/** What a list says of one thing belongs together: a setting, its meaning and its default. */
function pushItem(lines: readonly Line[], text: string, units: Unit[]): void {
  const begin = lines[0]?.begin ?? 0;
  const end = lines.at(-1)?.end ?? begin;
  if (end - begin > itemLengthMax) return pushSentences(lines, text, units);
  const shown = plainText(text.slice(begin, end));
  if (saysSomething(shown)) units.push({ kind: "item", begin, end, shown });
}

function pushSentences(lines: readonly Line[], text: string, units: Unit[]): void {
  const from = lines[0]?.begin ?? 0;
  const to = lines.at(-1)?.end ?? from;
  let open: number | undefined;
  let isInMark = false;
  for (const { text: sentence, begin, end } of sentences(text.slice(from, to))) {
    open ??= from + begin + (isInMark ? (restOfMark.exec(sentence)?.[0].length ?? 0) : 0);
    isInMark = sentence.endsWith(".[");
    const markup = text.slice(open, from + end - (isInMark ? 1 : 0));
    // A full stop or question mark inside a code span ends no sentence.
    const isInSpan = markup.split("`").length % 2 === 0;
    if (isInSpan && from + end < to && markup.length < itemLengthMax) continue;
    const shown = plainText(markup);
    if (saysSomething(shown))
      units.push({ kind: "sentence", begin: open, end: open + markup.length, shown });
    open = undefined;
  }
}

function saysSomething(shown: string): boolean {
  return /[\p{L}\p{N}]/u.test(shown);
}

/** The first row of a run names the columns; the chunker repeats it where a table goes on. */
function pushRows(lines: readonly Line[], units: Unit[]): void {
  const [head, ...rows] = lines.filter((line) => !separatorRow.test(line.text));
  if (head === undefined) return;
  const names = cellsOf(head.text);
  if (rows.length === 0) pushRow(head, [], units);
  for (const row of rows) pushRow(row, names, units);
}

function pushRow(row: Line, names: readonly string[], units: Unit[]): void {
  const cells = cellsOf(row.text).map((cell, i) => {
    const name = names[i] ?? "";
    if (cell === "" || name === "" || name === cell) return cell;
    return `${name}: ${cell}`;
  });
  const shown = cells.filter((cell) => cell !== "").join("; ");
  if (shown !== "") units.push({ kind: "row", begin: row.begin, end: row.end, shown });
}

function cellsOf(line: string): readonly string[] {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  // A bar behind a backslash is text.
  return inner.split(/(?<!\\)\|/).map(plainText);
}
