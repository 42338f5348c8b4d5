import assert from "node:assert/strict";
import { test } from "node:test";
import { makeOdt, odfCell, odfParagraph, odfRow } from "../testing/odf-file.ts";
import { readOdfMarkup } from "./odf-names.ts";
import { readOdt } from "./odt.ts";

const oasis = "urn:oasis:names:tc:opendocument:xmlns:";
const uris: Readonly<Record<string, string>> = {
  office: `${oasis}office:1.0`,
  style: `${oasis}style:1.0`,
  text: `${oasis}text:1.0`,
  table: `${oasis}table:1.0`,
};

/** Events as they are told: elements with attributes, ends, texts. */
function eventsOf(xml: string, attributesOf: readonly string[] = []): readonly string[] {
  const events: string[] = [];
  readOdfMarkup(
    xml,
    {
      open: (name, attributes) =>
        events.push([name, ...[...attributes].map(([key, value]) => `${key}=${value}`)].join(" ")),
      close: (name) => events.push(`/${name}`),
      text: (text) => events.push(`'${text}`),
    },
    { attributesOf: new Set(attributesOf) },
  );
  return events;
}

/** The same XML with prefixes by number, as general tools write it. */
function numbered(xml: string): string {
  const names = Object.keys(uris);
  const declarations = names.map((name, at) => ` xmlns:ns${at}="${uris[name]}"`).join("");
  const renamed = names.reduce(
    (text, name, at) => text.replace(new RegExp(`([</ ])${name}:`, "g"), `$1ns${at}:`),
    xml,
  );
  return renamed.replace(/<(ns0:[\w-]+)/, `<$1${declarations}`);
}

test("names have the customary prefixes, whatever a part declares", () => {
  const xml = `<office:body><text:p text:style-name="P1" plain="x">a</text:p><text:s/></office:body>`;
  const wanted = [
    "office:body",
    "text:p text:style-name=P1 plain=x",
    "'a",
    "/text:p",
    "text:s",
    "/text:s",
    "/office:body",
  ];
  assert.deepEqual(eventsOf(xml, ["text:p"]), wanted);
  assert.match(numbered(xml), /^<ns0:body xmlns:ns0=/);
  assert.deepEqual(eventsOf(numbered(xml), ["text:p"]), wanted);
});

test("a namespace may be the one that needs no prefix, also with single quotes", () => {
  const xml = `<o:body xmlns = '${uris["text"]}' xmlns:o='${uris["office"]}'><p style-name="a">x</p></o:body>`;
  assert.deepEqual(eventsOf(xml, ["text:p"]), [
    "office:body",
    "text:p style-name=a",
    "'x",
    "/text:p",
    "/office:body",
  ]);
});

test("other namespaces keep what they are called", () => {
  const xml = `<a:x xmlns:a="urn:else" xmlns:b="${uris["text"]}"><b:p/><c:d/><e/></a:x>`;
  const names = ["a:x", "text:p", "/text:p", "c:d", "/c:d", "e", "/e", "/a:x"];
  assert.deepEqual(eventsOf(xml), names);
});

test("a document and its styles are read alike under other prefixes", () => {
  const automatic = `<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"/></text:list-style>`;
  const body = [
    `<text:h text:outline-level="2">Leave</text:h>`,
    odfParagraph("For all", "Big"),
    `<text:list text:style-name="L1"><text:list-item>${odfParagraph("one")}</text:list-item></text:list>`,
    `<table:table>${odfRow([odfCell("a", 'table:number-columns-repeated="2"'), odfCell("b")])}</table:table>`,
    `<text:tracked-changes>${odfParagraph("gone")}</text:tracked-changes>`,
  ].join("");
  const styles = `<style:style style:name="Big" style:family="paragraph" style:parent-style-name="Title"/>`;
  const content = `<office:document-content><office:automatic-styles>${automatic}</office:automatic-styles><office:body><office:text>${body}</office:text></office:body></office:document-content>`;
  const styled = `<office:document-styles><office:styles>${styles}</office:styles></office:document-styles>`;
  const plain = readOdt(makeOdt(body, { automatic, styles }));
  const other = makeOdt("", {
    more: [
      { name: "content.xml", content: numbered(content) },
      { name: "styles.xml", content: numbered(styled) },
    ],
  });
  assert.deepEqual(
    plain.blocks.map((block) => [block.text, block.level]),
    [
      ["Leave", 2],
      ["For all", 1],
      ["1. one", undefined],
      ["a | a | b", undefined],
    ],
  );
  assert.deepEqual(readOdt(other), plain);
});

test("a part with more names than can be remembered is read to its end", () => {
  const names = Array.from({ length: 5000 }, (_, at) => `<n:e${at}/>`).join("");
  const events = eventsOf(`<n:root xmlns:n="${uris["text"]}">${names}</n:root>`);
  assert.deepEqual([events[1], events.at(-2)], ["text:e0", "/text:e4999"]);
  assert.equal(events.length, 10_002);
});
