import assert from "node:assert/strict";
import { test } from "node:test";
import type { Block } from "../block.ts";
import { makeOdt, odfCell, odfParagraph, odfRow } from "../testing/odf-file.ts";
import { makeDocx, wordParagraph, wordTable } from "../testing/docx-file.ts";
import { readDocx } from "./docx.ts";
import { readOdt } from "./odt.ts";

const heading = (text: string, level: number): string =>
  `<text:h text:style-name="P9" text:outline-level="${level}">${text}</text:h>`;
const list = (items: readonly string[], style = ""): string =>
  `<text:list ${style}>${items.map((item) => `<text:list-item>${item}</text:list-item>`).join("")}</text:list>`;
const facts = (blocks: readonly Block[]): readonly unknown[] =>
  blocks.map((block) => [block.kind, block.text, block.level ?? block.headerRows]);
const read = (body: string): readonly unknown[] => facts(readOdt(makeOdt(body)).blocks);

test("headings with their levels, paragraphs and tables come as those of a Word file", async () => {
  const odt = makeOdt(
    [
      heading("Leave", 1),
      heading("Days &amp; hours", 2),
      odfParagraph("Twenty days &amp; more."),
      `<table:table><table:table-column/>${odfRow([odfCell("Grade"), odfCell("Days")])}${odfRow([odfCell("A"), odfCell("25")])}</table:table>`,
    ].join(""),
  );
  const docx = makeDocx(
    [
      wordParagraph("Leave", "Heading1"),
      wordParagraph("Days &amp; hours", "Heading2"),
      wordParagraph("Twenty days &amp; more."),
      wordTable([
        ["Grade", "Days"],
        ["A", "25"],
      ]),
    ].join(""),
  );
  const extraction = readOdt(odt);
  assert.deepEqual(extraction, await readDocx(docx, false));
  assert.deepEqual(facts(extraction.blocks), [
    ["heading", "Leave", 1],
    ["heading", "Days & hours", 2],
    ["paragraph", "Twenty days & more.", undefined],
    ["table", "Grade | Days\nA | 25", 1],
  ]);
});

test("the title is that of the properties, then the first heading", () => {
  const body = heading("Leave", 1);
  assert.equal(readOdt(makeOdt(body, { title: "Rules &amp; rights" })).title, "Rules & rights");
  assert.equal(readOdt(makeOdt(body, { title: "letter.odt" })).title, "Leave");
  assert.equal(readOdt(makeOdt(odfParagraph("Text"))).title, undefined);
});

test("paragraphs in the style of a title are headings, also by the styles in between", () => {
  const style = (name: string, parent: string, family = "paragraph"): string =>
    `<style:style style:name="${name}" style:family="${family}" style:parent-style-name="${parent}"/>`;
  const odt = makeOdt(
    odfParagraph("Handbook", "P1") +
      odfParagraph("For everyone", "Subtitle") +
      odfParagraph("Running text", "T1") +
      odfParagraph("In a circle", "A"),
    {
      automatic: style("P1", "Big") + style("T1", "Title", "text") + style("A", "B"),
      styles: style("Big", "Title") + style("Title", "Heading") + style("B", "A"),
    },
  );
  assert.deepEqual(facts(readOdt(odt).blocks), [
    ["heading", "Handbook", 1],
    ["heading", "For everyone", 2],
    ["paragraph", "Running text", undefined],
    ["paragraph", "In a circle", undefined],
  ]);
});

test("levels of headings stay within those of other formats", () => {
  assert.deepEqual(
    read(`<text:h>None</text:h>${heading("Deep", 10)}${heading("Odd", -3)}`).map(String),
    ["heading,None,1", "heading,Deep,6", "heading,Odd,1"],
  );
});

test("lists keep their marks, their numbers and their depth", () => {
  const level = (at: number, kind: string, format = ""): string =>
    `<text:list-level-style-${kind} text:level="${at}" style:num-format="${format}"/>`;
  const automatic = `<text:list-style style:name="L1">${level(1, "number", "1")}${level(2, "bullet")}</text:list-style><text:list-style style:name="L2">${level(1, "number")}</text:list-style>`;
  const body =
    list(
      [
        odfParagraph("first") + list([odfParagraph("inner")]),
        odfParagraph("second") + odfParagraph("goes on"),
      ],
      'text:style-name="L1"',
    ) +
    odfParagraph("between") +
    list([odfParagraph("plain")], 'text:style-name="L2"');
  assert.deepEqual(facts(readOdt(makeOdt(body, { automatic })).blocks), [
    ["list", "1. first\n  - inner\n2. second\n  goes on", undefined],
    ["paragraph", "between", undefined],
    ["list", "- plain", undefined],
  ]);
});

test("blanks, tabs and line breaks that are elements are read as such", () => {
  const line = `  Two<text:s text:c="1000000"/>words<text:tab/>and <text:span>sp<text:span>an</text:span></text:span><text:line-break/>new line<text:soft-page-break/> <text:a>link</text:a>`;
  assert.deepEqual(read(odfParagraph(line)), [
    ["paragraph", "Two words and span\nnew line link", undefined],
  ]);
});

test("what tracked changes deleted is not in the text, what they inserted is", () => {
  const changes = `<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><office:change-info><dc:creator>Eve</dc:creator></office:change-info>${odfParagraph("forty days")}</text:deletion></text:changed-region><text:changed-region text:id="c2"><text:insertion><office:change-info><dc:creator>Eve</dc:creator></office:change-info></text:insertion></text:changed-region></text:tracked-changes>`;
  const body = odfParagraph(
    `It is <text:change text:change-id="c1"/><text:change-start text:change-id="c2"/>twenty days<text:change-end text:change-id="c2"/>.`,
  );
  assert.deepEqual(read(changes + body), [["paragraph", "It is twenty days.", undefined]]);
});

test("comments, forms, alternative texts, reading aids and page headers are left out", () => {
  const comment = `<office:annotation><dc:creator>Eve</dc:creator>${odfParagraph("a comment")}<text:list><text:list-item>${odfParagraph("and more")}</text:list-item></text:list></office:annotation>`;
  const picture = `<draw:frame><draw:image><office:binary-data>aGVsbG8=</office:binary-data></draw:image><svg:title>alt</svg:title><svg:desc>long alt</svg:desc></draw:frame>`;
  const ruby = `<text:ruby><text:ruby-base>漢字</text:ruby-base><text:ruby-text>かんじ</text:ruby-text></text:ruby>`;
  const forms = `<office:forms><form:form><form:textarea>${odfParagraph("input")}</form:textarea></form:form></office:forms>`;
  assert.deepEqual(read(`${forms}${odfParagraph(`Seen${comment}${picture} ${ruby}`)}`), [
    ["paragraph", "Seen 漢字", undefined],
  ]);
});

test("a table of contents is read as it stands, not how it was made", () => {
  const contents = `<text:table-of-content><text:table-of-content-source><text:index-title-template>Made so</text:index-title-template>${odfParagraph("pattern")}</text:table-of-content-source><text:index-body>${odfParagraph("Leave<text:tab/>3")}</text:index-body></text:table-of-content>`;
  assert.deepEqual(read(contents), [["paragraph", "Leave 3", undefined]]);
});

test("text that is only hidden is read, as of Word files", () => {
  const automatic = `<style:style style:name="T1" style:family="text"><style:text-properties text:display="none"/></style:style>`;
  const body = odfParagraph(`Seen <text:span text:style-name="T1">and hidden</text:span>`);
  const section = `<text:section text:display="none">${odfParagraph("A section")}</text:section>`;
  assert.deepEqual(facts(readOdt(makeOdt(body + section, { automatic })).blocks), [
    ["paragraph", "Seen and hidden", undefined],
    ["paragraph", "A section", undefined],
  ]);
});

test("notes leave their number in the sentence and stand at the end", () => {
  const note = (text: string): string =>
    `<text:note text:note-class="footnote"><text:note-citation>*</text:note-citation><text:note-body>${text}</text:note-body></text:note>`;
  const body =
    odfParagraph(`Twenty days${note(odfParagraph("Since 2019.") + odfParagraph("Not before."))}.`) +
    odfParagraph(`Sundays${note(list([odfParagraph("Never.")]))} too.`);
  assert.deepEqual(read(body), [
    ["paragraph", "Twenty days[1].", undefined],
    ["paragraph", "Sundays[2] too.", undefined],
    ["list", "1. Since 2019. Not before.\n2. Never.", undefined],
  ]);
});

test("text frames are paragraphs of their own", () => {
  const frame = `<draw:frame><draw:text-box>${odfParagraph("In the box")}</draw:text-box></draw:frame>`;
  assert.deepEqual(read(odfParagraph(`Before ${frame} after`)), [
    ["paragraph", "Before", undefined],
    ["paragraph", "In the box", undefined],
    ["paragraph", "after", undefined],
  ]);
});

test("tables: header rows, merged and repeated cells, and prose in boxes", () => {
  const header = `<table:table-header-rows>${odfRow([odfCell("2024", 'table:number-columns-spanned="2"'), "<table:covered-table-cell/>", odfCell("2025")])}</table:table-header-rows>`;
  const rows = odfRow([odfCell("x", 'table:number-columns-repeated="2"'), odfCell("y")]);
  const [, ...lines] = read(
    `${odfParagraph("Text")}<table:table>${header}${rows}</table:table><table:table>${odfRow([odfCell("A box")])}</table:table>`,
  );
  assert.deepEqual(lines, [
    ["table", "2024 |  | 2025\nx | x | y", 1],
    ["paragraph", "A box", undefined],
  ]);
  const wide = read(
    `<table:table>${odfRow([odfCell("a", 'table:number-columns-repeated="100000000"'), odfCell("b")])}</table:table>`,
  );
  assert.ok(String(wide).length < 300);
});

test("tags that do not match lose no text", () => {
  const body = `</text:p></text:list>${odfParagraph("One")}<text:list><text:list-item><text:p>Two<table:table><table:table-row><table:table-cell><text:p>Three`;
  const text = readOdt(makeOdt(body)).blocks.map((block) => block.text);
  assert.deepEqual(text, ["One", "- Two", "Three"]);
});
