import { readMarkup } from "./markup.ts";
import type { MarkupEvents } from "./markup.ts";

const oasis = "urn:oasis:names:tc:opendocument:xmlns:";
/** Namespaces that are read, with the prefixes of the specification. */
const customary = new Map([
  [`${oasis}office:1.0`, "office"],
  [`${oasis}style:1.0`, "style"],
  [`${oasis}text:1.0`, "text"],
  [`${oasis}table:1.0`, "table"],
  [`${oasis}drawing:1.0`, "draw"],
  [`${oasis}presentation:1.0`, "presentation"],
  [`${oasis}svg-compatible:1.0`, "svg"],
  [`${oasis}manifest:1.0`, "manifest"],
]);
/** Programs declare namespaces on the root, where all of them fit in here. */
const declarationsLengthMax = 65_536;
const declaration = /\sxmlns(:[\w.-]{1,64})?\s{0,9}=\s{0,9}["']([^"'<>]{1,256})["']/g;

/**
 * Reads the XML of an OpenDocument part with the names that the specification has for elements and
 * attributes (`text:p`), whatever prefixes the part declares for them. Programs that only pass a
 * file on may have numbered its prefixes.
 */
export function readOdfMarkup(
  xml: string,
  events: MarkupEvents,
  options: { readonly attributesOf?: ReadonlySet<string> } = {},
): void {
  const prefixes = otherPrefixes(xml);
  const { attributesOf = new Set() } = options;
  if (prefixes.size === 0) return readMarkup(xml, events, { isXml: true, attributesOf });
  const renamed = new Map<string, string>();
  const nameOf = (written: string): string => {
    const known = renamed.get(written);
    if (known !== undefined) return known;
    const name = rename(written, prefixes);
    if (renamed.size < renamedMax) renamed.set(written, name);
    return name;
  };
  const names = [...attributesOf].flatMap((name) => [name, ...writtenNames(name, prefixes)]);
  readMarkup(
    xml,
    {
      open(name, attributes) {
        const pairs = [...attributes].map(([key, value]): [string, string] => [
          // An attribute without a prefix is in no namespace.
          key.includes(":") ? nameOf(key) : key,
          value,
        ]);
        events.open(nameOf(name), new Map(pairs));
      },
      close: (name) => events.close(nameOf(name)),
      text: events.text,
    },
    { isXml: true, attributesOf: new Set(names) },
  );
}

const renamedMax = 2000;

/** Prefixes that are not the customary ones of their namespaces; the default one is empty. */
function otherPrefixes(xml: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, prefix = "", uri = ""] of xml
    .slice(0, declarationsLengthMax)
    .matchAll(declaration)) {
    const usual = customary.get(uri);
    const written = prefix.slice(1);
    if (usual !== undefined && usual !== written && !found.has(written)) found.set(written, usual);
  }
  return found;
}

function rename(written: string, prefixes: ReadonlyMap<string, string>): string {
  const colon = written.indexOf(":");
  const usual = prefixes.get(colon === -1 ? "" : written.slice(0, colon));
  return usual === undefined ? written : `${usual}:${written.slice(colon + 1)}`;
}

function writtenNames(name: string, prefixes: ReadonlyMap<string, string>): readonly string[] {
  const [usual = "", local = ""] = name.split(":");
  return [...prefixes]
    .filter(([, own]) => own === usual)
    .map(([written]) => (written === "" ? local : `${written}:${local}`));
}
