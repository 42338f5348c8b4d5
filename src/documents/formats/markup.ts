import { Tokenizer } from "htmlparser2";

/** What a reader of markup is told, in document order. Names are lower case in HTML. */
export type MarkupEvents = {
  readonly open: (name: string, attributes: ReadonlyMap<string, string>) => void;
  readonly close: (name: string) => void;
  readonly text: (text: string) => void;
};

/**
 * Reads HTML or XML as a stream of events in linear time. No tree and no stack is kept, so depth
 * costs nothing and unbalanced tags cannot hurt. Comments, declarations and processing instructions
 * are dropped. Only predefined and numeric entities are decoded; others stay as written.
 * Attributes are read only of elements in `attributesOf`.
 */
export function readMarkup(
  markup: string,
  events: MarkupEvents,
  options: { readonly isXml: boolean; readonly attributesOf?: ReadonlySet<string> },
): void {
  const noAttributes: ReadonlyMap<string, string> = new Map();
  let name = "";
  let attribute = "";
  let attributes: Map<string, string> | undefined;
  const nameAt = (begin: number, end: number): string => {
    const written = markup.slice(begin, end);
    return options.isXml ? written : written.toLowerCase();
  };
  const opened = (): void => events.open(name, attributes ?? noAttributes);
  const ignore = (): void => undefined;

  const tokenizer = new Tokenizer(
    { xmlMode: options.isXml, decodeEntities: true },
    {
      onopentagname(begin, end) {
        name = nameAt(begin, end);
        attributes = options.attributesOf?.has(name) === true ? new Map() : undefined;
      },
      onattribname(begin, end) {
        if (attributes !== undefined) attribute = nameAt(begin, end);
      },
      onattribdata(begin, end) {
        const before = attributes?.get(attribute) ?? "";
        attributes?.set(attribute, before + markup.slice(begin, end));
      },
      onattribend: ignore,
      onattribentity(codePoint) {
        const before = attributes?.get(attribute) ?? "";
        attributes?.set(attribute, before + String.fromCodePoint(codePoint));
      },
      onopentagend: opened,
      onselfclosingtag() {
        opened();
        if (options.isXml || name === "svg" || name === "math") events.close(name);
      },
      onclosetag: (begin, end) => events.close(nameAt(begin, end)),
      ontext: (begin, end) => events.text(markup.slice(begin, end)),
      ontextentity: (codePoint) => events.text(String.fromCodePoint(codePoint)),
      oncdata: (begin, end, tail) => events.text(markup.slice(begin, end - tail)),
      oncomment: ignore,
      ondeclaration: ignore,
      onprocessinginstruction: ignore,
      onend: ignore,
    },
  );
  tokenizer.write(markup);
  tokenizer.end();
}
