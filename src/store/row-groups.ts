// Statements about many rows. Each statement costs a message to the writer thread and one back,
// which is more than most rows cost, so rows travel together.
import { CompiledQuery } from "kysely";
import type { WriteTransaction } from "./database.ts";

type Value = string | number;

/** One row, in the order of the columns that the statement names. */
export type RowValues = readonly Value[];

/** Rows in one statement: a text of its own, prepared once, for each of these numbers. */
const groupSizes = [32, 8, 1] as const;

/**
 * Runs a statement for all rows, in their order, in as few steps as there can be; gives what it
 * returns.
 *
 * @param textOf the statement around its rows, which are given as `(?, ?), (?, ?)`.
 */
export async function runForRows<Result>(
  trx: WriteTransaction,
  rows: readonly RowValues[],
  textOf: (rows: string) => string,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const width = rows[0]?.length ?? 0;
  const one = `(${Array.from({ length: width }, () => "?").join(", ")})`;
  for (let from = 0; from < rows.length;) {
    const size = groupSizes.find((fitting) => fitting <= rows.length - from) ?? 1;
    const text = textOf(Array.from({ length: size }, () => one).join(", "));
    const values = rows.slice(from, from + size).flat();
    const { rows: returned } = await trx.executeQuery<Result>(CompiledQuery.raw(text, values));
    for (const row of returned) results.push(row);
    from += size;
  }
  return results;
}
