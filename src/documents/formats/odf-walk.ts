import type { MarkupEvents } from "./markup.ts";
import { readOdfMarkup } from "./odf-names.ts";

// Content that nobody sees on the page, or that says about the document and not what it says.
const unseen = new Set([
  "office:annotation",
  "office:binary-data",
  "office:event-listeners",
  "office:forms",
  "office:scripts",
  "svg:desc",
  "svg:title",
  "table:tracked-changes",
  "text:note-citation",
  "text:ruby-text",
  "text:script",
  "text:tracked-changes",
]);
const paragraphs = new Set(["text:p", "text:h"]);
const spaces = new Set(["text:s", "text:tab"]);

/**
 * Reads the XML of an OpenDocument file as a stream of events. Text is that of paragraphs and
 * headings; deleted text, comments, forms and pictures are left out with everything in them. Source:
 * OASIS OpenDocument 1.3 part 3.
 */
export function walkOpenDocument(
  xml: string,
  events: MarkupEvents,
  options: {
    readonly attributesOf: ReadonlySet<string>;
    /** Further elements to leave out. */
    readonly isLeftOut?: (name: string, attributes: ReadonlyMap<string, string>) => boolean;
  },
): void {
  const { attributesOf, isLeftOut = () => false } = options;
  let left: { readonly name: string; depth: number } | undefined;
  let paragraphDepth = 0;
  readOdfMarkup(
    xml,
    {
      open(name, attributes) {
        if (left !== undefined) {
          if (name === left.name) left.depth += 1;
        } else if (unseen.has(name) || isIndexSource(name) || isLeftOut(name, attributes)) {
          left = { name, depth: 1 };
        } else if (spaces.has(name)) events.text(" ");
        else {
          if (paragraphs.has(name)) paragraphDepth += 1;
          events.open(name, attributes);
        }
      },
      close(name) {
        if (left !== undefined) {
          if (name === left.name) left.depth -= 1;
          if (left.depth === 0) left = undefined;
        } else if (!spaces.has(name)) {
          if (paragraphs.has(name)) paragraphDepth = Math.max(0, paragraphDepth - 1);
          events.close(name);
        }
      },
      text(text) {
        if (left === undefined && paragraphDepth > 0) events.text(text);
      },
    },
    { attributesOf },
  );
}

/** How a table of contents or an index is made; what was made of it stands beside. */
function isIndexSource(name: string): boolean {
  return name.startsWith("text:") && name.endsWith("-source");
}

/** A count in an attribute: how often something is repeated, at least once. */
export function countOf(attributes: ReadonlyMap<string, string>, name: string): number {
  return Math.max(1, Number.parseInt(attributes.get(name) ?? "1", 10) || 1);
}
