/** A piece of a document: a heading with its level, a paragraph, or an item of a list. */
export type Block =
  | { readonly kind: "heading"; readonly level: 1 | 2; readonly text: string }
  | { readonly kind: "paragraph" | "item"; readonly text: string };

/** Reads the few marks the sample texts use: `#`, `##`, `- `, and one paragraph per line. */
export function parseBlocks(text: string): readonly Block[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      if (line.startsWith("## ")) return { kind: "heading", level: 2, text: line.slice(3) };
      if (line.startsWith("# ")) return { kind: "heading", level: 1, text: line.slice(2) };
      if (line.startsWith("- ")) return { kind: "item", text: line.slice(2) };
      return { kind: "paragraph", text: line };
    });
}
