import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** A compiled statement on its way to a connection. */
export type Statement = { readonly sql: string; readonly parameters: readonly unknown[] };

/** Rows of a query, or what a change did. */
export type StatementResult = {
  readonly rows: readonly unknown[];
  readonly changes: number;
  readonly lastInsertRowid: number;
};

/** The writer thread's answer to one statement. */
export type StatementAnswer =
  | { readonly ok: true; readonly result: StatementResult }
  | { readonly ok: false; readonly message: string };

const statementsMax = 500;

/** Runs one statement; `statements` keeps prepared ones, because preparing costs more than running. */
export function runStatement(
  database: DatabaseSync,
  statements: Map<string, StatementSync>,
  { sql, parameters }: Statement,
): StatementResult {
  let prepared = statements.get(sql);
  if (prepared === undefined) {
    if (statements.size >= statementsMax) statements.clear();
    prepared = database.prepare(sql);
    statements.set(sql, prepared);
  }
  const values = parameters.map(toSql);
  if (prepared.columns().length > 0) {
    return { rows: prepared.all(...values), changes: 0, lastInsertRowid: 0 };
  }
  const { changes, lastInsertRowid } = prepared.run(...values);
  return { rows: [], changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
}

function toSql(value: unknown): SQLInputValue {
  if (value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value as SQLInputValue;
}
