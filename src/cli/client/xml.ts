import { Parser } from "htmlparser2";

/** An element with what is in it, in order. */
export type XmlElement = {
  readonly name: string;
  readonly content: readonly (XmlElement | string)[];
};

const depthMax = 50;
const elementsMax = 200_000;

/**
 * Reads XML as query services send it. Attributes are passed over.
 *
 * @throws SyntaxError for text without one root element, or one that is too deep or too large.
 */
export function parseXml(body: Uint8Array): XmlElement {
  type Open = { readonly name: string; readonly content: (XmlElement | string)[] };
  const outside: Open = { name: "", content: [] };
  const stack: Open[] = [outside];
  let count = 0;
  const parser = new Parser(
    {
      onopentag(name) {
        count += 1;
        if (stack.length > depthMax || count > elementsMax) {
          throw new SyntaxError("the XML is too deep or too large");
        }
        const element: Open = { name, content: [] };
        stack.at(-1)?.content.push(element);
        stack.push(element);
      },
      ontext: (text) => stack.at(-1)?.content.push(text),
      onclosetag: () => stack.pop(),
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(Buffer.from(body).toString("utf8"));
  parser.end();
  const roots = outside.content.filter((item) => typeof item === "object");
  const [root] = roots;
  if (root === undefined || roots.length > 1) throw new SyntaxError("the body is no XML");
  return root;
}

/** The child elements of that name. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.content.filter((item) => typeof item === "object").filter((e) => e.name === name);
}

/** The text directly in an element. */
export function textOf(element: XmlElement): string {
  return element.content.filter((item) => typeof item === "string").join("");
}
