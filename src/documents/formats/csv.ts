import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { tableBlock } from "../block.ts";
import type { Extraction } from "../block.ts";
import { DocumentFailure } from "../failure.ts";
import { documentLimits, megabyte } from "../limits.ts";
import { looksLikeHeader } from "./table.ts";

const delimiters = [",", ";", "\t", "|"] as const;
const sampleLength = 65_536;
const sampleLines = 30;
const pieceLength = 65_536;

/**
 * Reads CSV row by row: one table with the cells as they are written. The delimiter is found by
 * looking at the first lines; the first row is the header when it looks like one. Rows of different
 * lengths and stray quotes are taken as they come.
 */
export async function readCsv(text: string): Promise<Extraction> {
  const delimiter = detectDelimiter(text.slice(0, sampleLength));
  const rows: string[][] = [];
  let length = 0;
  const parser = Readable.from(pieces(text)).pipe(
    parse({
      delimiter,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: documentLimits.tableTextBytesMax,
    }),
  );
  try {
    for await (const row of parser as AsyncIterable<string[]>) {
      length += row.reduce((sum, cell) => sum + cell.length, row.length);
      // UTF-8 takes at least a byte per character, so this is over the limit already.
      if (length > documentLimits.tableTextBytesMax) throw tooMuchText();
      if (row.some((cell) => cell !== "")) rows.push(row);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const reason = `The CSV breaks off or its quotes do not match (${error.code}). Save it again from the program it came from.`;
    throw new DocumentFailure("corrupt", reason);
  }
  const headerRows = looksLikeHeader(rows) ? 1 : 0;
  return { blocks: rows.length === 0 ? [] : [tableBlock(rows, { headerRows })], warnings: [] };
}

function* pieces(text: string): Generator<string> {
  let at = 0;
  while (at < text.length) {
    let end = Math.min(text.length, at + pieceLength);
    // The parser turns each piece into bytes: half a surrogate pair would be lost.
    const code = text.charCodeAt(end - 1);
    if (code >= 0xd800 && code <= 0xdbff && end < text.length) end += 1;
    yield text.slice(at, end);
    at = end;
  }
}

/** The limit's failure, in the words of every format that is a table. */
export function tooMuchText(): DocumentFailure {
  const limit = documentLimits.tableTextBytesMax / megabyte;
  const reason = `The table holds more than ${limit} MB of text. Split it into smaller files.`;
  return new DocumentFailure("tooLarge", reason);
}

/** The delimiter that splits the first lines most evenly; a comma when none does. */
export function detectDelimiter(sample: string): string {
  let best = ",";
  let bestScore = 0;
  for (const delimiter of delimiters) {
    const counts = countsPerLine(sample, delimiter);
    const most = Math.max(0, ...counts);
    const first = counts[0] ?? 0;
    const even = counts.filter((count) => count === first).length / Math.max(1, counts.length);
    const score = first === 0 ? 0 : even * 10 + Math.min(most, 9) / 10;
    if (score > bestScore) {
      bestScore = score;
      best = delimiter;
    }
  }
  return best;
}

/** How often the delimiter stands outside quotes, per line. */
function countsPerLine(sample: string, delimiter: string): readonly number[] {
  const counts: number[] = [];
  let count = 0;
  let isQuoted = false;
  for (const character of sample) {
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === delimiter) count += 1;
    else if (character === "\n") {
      counts.push(count);
      count = 0;
      if (counts.length === sampleLines) return counts;
    }
  }
  if (counts.length === 0) counts.push(count);
  return counts;
}
