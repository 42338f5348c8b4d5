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
  /** The nearest heading above it in the passage; empty when there is none. */
  readonly heading: string;
};

type Found = Omit<Unit, "heading">;

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
 * Headings are no units: they say what the text below is about, not what it says.
 */
export function unitsOf(text: string): readonly Unit[] {
  const lines = linesOf(text);
  const units: Unit[] = [];
  let heading = "";
  let at = 0;
  while (at < lines.length && units.length < unitsMax) {
    const kind = kindOf(lines[at]?.text ?? "");
    // An item goes on over the lines below it that begin nothing new.
    const goesOn = kind === "item" ? "prose" : kind;
    let end = at + 1;
    while (end < lines.length && isSameRun(kind, goesOn, lines[end]?.text ?? "")) end += 1;
    const run = lines.slice(at, end);
    at = kind === "fence" ? end + 1 : end;
    if (kind === "heading") heading = plainText(run.at(-1)?.text ?? "");
    else if (isBareHeading(kind, run, lines.slice(at, at + 2)))
      heading = (run[0]?.text ?? "").trim();
    else for (const unit of unitsIn(kind, run, text)) units.push({ ...unit, heading });
  }
  return units;
}

function isSameRun(kind: LineKind, goesOn: LineKind, line: string): boolean {
  return kind === "fence" ? kindOf(line) !== "fence" : kindOf(line) === goesOn;
}

/** A short line that stands alone above more text: what is left of a heading of HTML or Word. */
function isBareHeading(kind: LineKind, run: readonly Line[], below: readonly Line[]): boolean {
  const line = run.length === 1 ? (run[0]?.text.trim() ?? "") : "";
  if (kind !== "prose" || !below.some(({ text }) => text.trim() !== "")) return false;
  return /^\p{L}[\p{L}'’&/-]*(?: [\p{L}'’&/-]+){0,3}$/u.test(line);
}

function unitsIn(kind: LineKind, run: readonly Line[], text: string): readonly Found[] {
  if (kind === "fence") return codeIn(run.slice(1), text);
  if (kind === "item") return itemIn(run, text);
  if (kind === "row") return rowsIn(run);
  return kind === "prose" ? sentencesIn(run, text) : [];
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

function codeIn(lines: readonly Line[], text: string): readonly Found[] {
  const first = lines.find((line) => line.text.trim() !== "");
  const last = lines.findLast((line) => line.text.trim() !== "");
  if (first === undefined || last === undefined) return [];
  const shown = text.slice(first.begin, last.end);
  return [{ kind: "code", begin: first.begin, end: last.end, shown }];
}

/** What a list says of one thing belongs together: a setting, its meaning and its default. */
function itemIn(lines: readonly Line[], text: string): readonly Found[] {
  const begin = lines[0]?.begin ?? 0;
  const end = lines.at(-1)?.end ?? begin;
  if (end - begin > itemLengthMax) return sentencesIn(lines, text);
  const shown = plainText(text.slice(begin, end));
  return saysSomething(shown) ? [{ kind: "item", begin, end, shown }] : [];
}

function sentencesIn(lines: readonly Line[], text: string): readonly Found[] {
  const units: Found[] = [];
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
  return units;
}

function saysSomething(shown: string): boolean {
  return /[\p{L}\p{N}]/u.test(shown);
}

/** The first row of a run names the columns; the chunker repeats it where a table goes on. */
function rowsIn(lines: readonly Line[]): readonly Found[] {
  const [head, ...rows] = lines.filter((line) => !separatorRow.test(line.text));
  if (head === undefined) return [];
  const names = cellsOf(head.text);
  if (rows.length === 0) return rowIn(head, []);
  return rows.flatMap((row) => rowIn(row, names));
}

function rowIn(row: Line, names: readonly string[]): readonly Found[] {
  const cells = cellsOf(row.text).map((cell, i) => {
    const name = names[i] ?? "";
    if (cell === "" || name === "" || name === cell) return cell;
    return `${name}: ${cell}`;
  });
  const shown = cells.filter((cell) => cell !== "").join("; ");
  return shown === "" ? [] : [{ kind: "row", begin: row.begin, end: row.end, shown }];
}

function cellsOf(line: string): readonly string[] {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  // A bar behind a backslash is text.
  return inner.split(/(?<!\\)\|/).map(plainText);
}
