const headerCellLengthMax = 60;

/**
 * Whether the first row names the columns: short, different, filled cells without numbers, above
 * at least one more row.
 */
export function looksLikeHeader(rows: readonly (readonly string[])[]): boolean {
  const first = rows[0];
  if (first === undefined || rows.length < 2 || first.length < 2) return false;
  const names = first.map((cell) => cell.trim());
  const isName = (cell: string): boolean =>
    cell !== "" && cell.length <= headerCellLengthMax && !/^[\d\s.,%€$£+-]+$/.test(cell);
  return names.every(isName) && new Set(names).size === names.length;
}
