import { DocumentFailure } from "../failure.ts";

/**
 * Cuts the document type declaration, with its internal subset, out of XML. One pass; a declaration
 * that never ends swallows the rest, as it would in any parser.
 */
export function splitDoctype(xml: string): { readonly doctype: string; readonly rest: string } {
  const begin = findDoctype(xml);
  if (begin === -1) return { doctype: "", rest: xml };
  let quote = "";
  let isSubset = false;
  let at = begin;
  for (; at < xml.length; at += 1) {
    const character = xml.charAt(at);
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (xml.startsWith("<!--", at)) {
      const end = xml.indexOf("-->", at + 4);
      if (end === -1) break;
      at = end + 2;
    } else if (character === "[") isSubset = true;
    else if (character === "]") isSubset = false;
    else if (character === ">" && !isSubset) {
      return { doctype: xml.slice(begin, at + 1), rest: xml.slice(0, begin) + xml.slice(at + 1) };
    }
  }
  return { doctype: xml.slice(begin), rest: xml.slice(0, begin) };
}

/** Where the declaration begins: before the root element, outside of comments. */
function findDoctype(xml: string): number {
  let at = 0;
  for (;;) {
    const open = xml.indexOf("<", at);
    if (open === -1) return -1;
    if (xml.startsWith("<!--", open)) at = endOf(xml, "-->", open);
    else if (xml.startsWith("<?", open)) at = endOf(xml, "?>", open);
    else return xml.startsWith("<!DOCTYPE", open) ? open : -1;
    if (at === -1) return -1;
  }
}

function endOf(xml: string, mark: string, from: number): number {
  const end = xml.indexOf(mark, from);
  return end === -1 ? -1 : end + mark.length;
}

/**
 * XML without its document type declaration. What that declares is never expanded, which a warning
 * says; a document whose entities are built from each other is refused.
 *
 * @throws DocumentFailure
 */
export function withoutDoctype(xml: string): {
  readonly rest: string;
  readonly warnings: readonly string[];
} {
  const { doctype, rest } = splitDoctype(xml);
  if (!doctype.includes("<!ENTITY")) return { rest, warnings: [] };
  if (declaresNestedEntities(doctype)) {
    throw new DocumentFailure(
      "unsafe",
      "The XML declares entities that are built from each other, which can blow it up without end. Save it with its entities expanded.",
    );
  }
  return { rest, warnings: ["Entities that the document declares were not expanded."] };
}

// A reference to an entity other than the five that every XML has.
const reference = /[&%](?!(?:amp|lt|gt|quot|apos);)[\w.:-]+;/;

function declaresNestedEntities(doctype: string): boolean {
  return doctype
    .split("<!ENTITY")
    .slice(1)
    .some((declaration) => reference.test(declaration));
}
