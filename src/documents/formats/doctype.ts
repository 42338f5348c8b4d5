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
