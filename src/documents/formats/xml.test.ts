import assert from "node:assert/strict";
import { test } from "node:test";
import { plainText } from "../block.ts";
import { DocumentFailure } from "../failure.ts";
import { splitDoctype } from "./doctype.ts";
import { readXml } from "./xml.ts";

const text = (xml: string): string => plainText(readXml(xml).blocks);

test("tags are removed, text is kept, elements in running text do not end a paragraph", () => {
  const xml = `<?xml version="1.0"?><!-- note --><doc><p>Some <hi>marked</hi> text &amp; m&#246;re.</p>
    <row><a>1</a><b>2</b></row><![CDATA[<raw>]]></doc>`;
  assert.equal(text(xml), "Some marked text & möre.\n\n1\n\n2\n\n<raw>");
});

test("stylesheets are read like other XML", () => {
  const xslt = `<xsl:stylesheet><xsl:template match="/"><h1>Price list</h1></xsl:template></xsl:stylesheet>`;
  assert.equal(text(xslt), "Price list");
});

test("entities built from each other are refused, others are left as they stand", () => {
  const bomb = `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>`;
  assert.throws(
    () => readXml(bomb),
    (error) => error instanceof DocumentFailure && error.code === "unsafe",
  );
  const parameter = `<!DOCTYPE l [<!ENTITY % p "x"><!ENTITY b "%p;">]><l/>`;
  assert.throws(() => readXml(parameter), DocumentFailure);
  const harmless = `<!DOCTYPE l [<!ENTITY co "ACME &amp; Sons"><!ENTITY nb "&#160;">]><l>by &co;</l>`;
  assert.equal(text(harmless), "by &co;");
  assert.equal(readXml(harmless).warnings.length, 1);
});

test("external entities and declarations are never followed", () => {
  const external = `<!DOCTYPE l SYSTEM "file:///etc/passwd" [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>a &x; b</l>`;
  assert.equal(text(external), "a &x; b");
});

test("the declaration is found with comments, quotes and a subset in it", () => {
  const doctype = `<!DOCTYPE a "x>y" [<!-- ]> ' --> <!ELEMENT a (b)> ]>`;
  const split = splitDoctype(`<?xml?><!-- <!DOCTYPE no> -->${doctype}<a>]></a>`);
  assert.deepEqual(split, { doctype, rest: "<?xml?><!-- <!DOCTYPE no> --><a>]></a>" });
  assert.deepEqual(splitDoctype("<a><!DOCTYPE b></a>").doctype, "");
  assert.deepEqual(splitDoctype("<!DOCTYPE a [never").rest, "");
  assert.deepEqual(splitDoctype("<!-- never").doctype, "");
});

test("depth and repetition take linear time", () => {
  const started = performance.now();
  for (const attack of ["<a>", "<!--", "<![CDATA[", "<?", "</a>", "<a>x"]) {
    readXml(attack.repeat(200_000));
  }
  readXml(`<!DOCTYPE a [${"<!ENTITY a 'b'>".repeat(100_000)}`);
  assert.ok(performance.now() - started < 5000);
});
