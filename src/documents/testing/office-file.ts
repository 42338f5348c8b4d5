import { makeZip } from "./zip-file.ts";

const relationship = (id: string, type: string, target: string, mode = ""): string =>
  `<Relationship Id="${id}" Type="http://x/${type}" Target="${target}"${mode}/>`;

/** A part of relationships: id, type and target of each. */
export function relationships(list: readonly (readonly [string, string, string])[]): string {
  const rows = list.map(([id, type, target]) => relationship(id, type, target)).join("");
  const outside = relationship(
    "out",
    "image",
    "http://example.com/a.png",
    ` TargetMode="External"`,
  );
  return `<Relationships>${rows}${outside}</Relationships>`;
}

/** A shape with text on a slide; `kind` is the type of its placeholder. */
export function shape(lines: readonly string[], kind?: string): string {
  const placeholder = kind === undefined ? "" : `<p:nvPr><p:ph type="${kind}"/></p:nvPr>`;
  const text = lines.map((line) => `<a:p><a:r><a:t>${line}</a:t></a:r></a:p>`).join("");
  return `<p:sp>${placeholder}<p:txBody>${text}</p:txBody></p:sp>`;
}

/** A presentation; slides are shown in the order given and stored in the opposite one. */
export function makePptx(
  slides: readonly { readonly body: string; readonly notes?: string }[],
): Buffer {
  const number = (index: number): number => slides.length - index;
  const ids = slides.map((_, index) => `<p:sldId id="${index}" r:id="r${index}"/>`).join("");
  return makeZip([
    {
      name: "ppt/presentation.xml",
      content: `<p:presentation><p:sldIdLst>${ids}</p:sldIdLst></p:presentation>`,
    },
    {
      name: "ppt/_rels/presentation.xml.rels",
      content: relationships(
        slides.map((_, index) => [`r${index}`, "slide", `slides/slide${number(index)}.xml`]),
      ),
    },
    ...slides.flatMap(({ body, notes }, index) => [
      { name: `ppt/slides/slide${number(index)}.xml`, content: `<p:sld>${body}</p:sld>` },
      ...(notes === undefined
        ? []
        : [
            {
              name: `ppt/slides/_rels/slide${number(index)}.xml.rels`,
              content: relationships([["n", "notesSlide", `../notesSlides/n${index}.xml`]]),
            },
            { name: `ppt/notesSlides/n${index}.xml`, content: `<p:notes>${notes}</p:notes>` },
          ]),
    ]),
  ]);
}

/** A workbook of sheets given as the XML of their rows. */
export function makeXlsx(
  sheets: readonly { readonly name: string; readonly rows: string }[],
  options: {
    readonly strings?: string;
    readonly styles?: string;
    readonly properties?: string;
  } = {},
): Buffer {
  const list = sheets.map(({ name }, i) => `<sheet name="${name}" sheetId="${i}" r:id="r${i}"/>`);
  return makeZip([
    {
      name: "xl/workbook.xml",
      content: `<workbook>${options.properties ?? ""}<sheets>${list.join("")}</sheets></workbook>`,
    },
    {
      name: "xl/_rels/workbook.xml.rels",
      content: relationships(
        sheets.map((_, i) => [`r${i}`, "worksheet", `/xl/worksheets/s${i}.xml`]),
      ),
    },
    { name: "xl/sharedStrings.xml", content: `<sst>${options.strings ?? ""}</sst>` },
    { name: "xl/styles.xml", content: `<styleSheet>${options.styles ?? ""}</styleSheet>` },
    ...sheets.map(({ rows }, i) => ({
      name: `xl/worksheets/s${i}.xml`,
      content: `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
    })),
  ]);
}
