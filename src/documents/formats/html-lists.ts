const indentMax = 8;

/** The lines of the list that is being read, nested lists included. */
export type ItemLines = {
  readonly openList: (isOrdered: boolean) => void;
  readonly closeList: () => void;
  readonly openItem: () => void;
  readonly isInList: () => boolean;
  /** Adds a paragraph of the open item; its first one carries the mark. */
  readonly add: (text: string) => void;
  /** The lines so far, which then start anew. */
  readonly take: () => string;
};

/** Starts outside of any list. */
export function createItemLines(): ItemLines {
  // By depth: how many items an ordered list had so far; the others do not count.
  const counts: (number | undefined)[] = [];
  let lines: string[] = [];
  let mark = "";

  return {
    openList: (isOrdered) => void counts.push(isOrdered ? 0 : undefined),
    closeList: () => void counts.pop(),
    openItem() {
      const count = counts.at(-1);
      if (count !== undefined) counts[counts.length - 1] = count + 1;
      mark = count === undefined ? "- " : `${count + 1}. `;
    },
    isInList: () => counts.length > 0,
    add(text) {
      const indent = "  ".repeat(Math.min(counts.length - 1, indentMax));
      lines.push(`${indent}${mark || "  "}${text.replaceAll("\n", " ")}`);
      mark = "";
    },
    take() {
      const text = lines.join("\n");
      lines = [];
      return text;
    },
  };
}
