import { readOdfMarkup } from "./odf-names.ts";

/** What the styles of a text document tell about its structure. */
export type OdfStyles = {
  /** Level of the heading that paragraphs of a style are, though they are not marked as one. */
  readonly headingLevel: (paragraphStyle: string) => number | undefined;
  /** Whether lists of a style count their items on a level, which begins with 1. */
  readonly isOrdered: (listStyle: string, level: number) => boolean;
};

const styleDepthMax = 20;
const withAttributes = new Set(["style:style", "text:list-style", "text:list-level-style-number"]);
// As for Word files: the names that the styles have in every language of the program.
const headings = new Map([
  ["Title", 1],
  ["Subtitle", 2],
]);

/** Reads styles; of two with one name the later one counts. */
export function readOdfStyles(...xmls: readonly string[]): OdfStyles {
  const parents = new Map<string, string>();
  const ordered = new Map<string, Set<string>>();
  let levels = new Set<string>();
  for (const xml of xmls) {
    readOdfMarkup(
      xml,
      {
        open(name, attributes) {
          const style = attributes.get("style:name") ?? "";
          if (name === "style:style" && attributes.get("style:family") === "paragraph") {
            parents.set(style, attributes.get("style:parent-style-name") ?? "");
          } else if (name === "text:list-style") {
            levels = new Set();
            ordered.set(style, levels);
          } else if (name === "text:list-level-style-number") {
            // Without a format of its numbers a list shows none.
            if ((attributes.get("style:num-format") ?? "") === "") return;
            levels.add(attributes.get("text:level") ?? "");
          }
        },
        close: () => undefined,
        text: () => undefined,
      },
      { attributesOf: withAttributes },
    );
  }
  return {
    headingLevel(paragraphStyle) {
      let style: string | undefined = paragraphStyle;
      for (let depth = 0; style !== undefined && depth < styleDepthMax; depth += 1) {
        const level = headings.get(style);
        if (level !== undefined) return level;
        style = parents.get(style);
      }
      return undefined;
    },
    isOrdered: (listStyle, level) => ordered.get(listStyle)?.has(String(level)) === true,
  };
}
