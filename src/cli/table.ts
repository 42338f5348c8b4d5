/**
 * Rows as text in columns, with two spaces between them. The last column is not padded, so that
 * long messages do not wrap for nothing.
 *
 *     formatTable([["ok", "port"], ["warn", "clock"]]) // "ok    port\nwarn  clock\n"
 */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(0, ...rows.map((row) => widthOf(row[at] ?? ""))),
  );
  const lines = rows.map((row) => {
    const cells = row.map((cell, at) => {
      const text = plainLine(cell);
      return at === row.length - 1 ? text : text + " ".repeat((widths[at] ?? 0) - widthOf(cell));
    });
    return cells.join("  ").trimEnd();
  });
  return lines.map((line) => `${line}\n`).join("");
}

/**
 * Text from outside on one line, safe for a terminal: control characters, which could move the
 * cursor or colour what follows, become spaces.
 */
export function plainLine(text: string): string {
  return plainText(text.replaceAll(/[\r\n\t]+/g, " "));
}

/** The same for text that may have several lines. */
export function plainText(text: string): string {
  return text.toWellFormed().replaceAll(/[^\P{C}\n\t\u200c\u200d]|[\u2028\u2029]/gu, " ");
}

/** Width in characters; wide scripts are counted as one column each, which only shifts a cell. */
function widthOf(text: string): number {
  return [...plainLine(text)].length;
}
