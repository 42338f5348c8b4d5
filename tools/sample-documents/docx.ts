import { crc32 } from "node:zlib";
import type { Block } from "./blocks.ts";

const word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packages = "http://schemas.openxmlformats.org/package/2006";
const types = "application/vnd.openxmlformats-officedocument.wordprocessingml";
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Writes a Word document with heading styles and a bulleted list. The same blocks give the same bytes. */
export function writeDocx(title: string, blocks: readonly Block[]): Buffer {
  return zip([
    ["[Content_Types].xml", contentTypes()],
    ["_rels/.rels", relationships([["officeDocument", "word/document.xml"]])],
    [
      "word/_rels/document.xml.rels",
      relationships([
        ["styles", "styles.xml"],
        ["numbering", "numbering.xml"],
      ]),
    ],
    ["word/document.xml", documentXml(blocks)],
    ["word/styles.xml", stylesXml()],
    ["word/numbering.xml", numberingXml()],
    ["docProps/core.xml", coreXml(title)],
  ]);
}

function contentTypes(): string {
  const parts = [
    ["/word/document.xml", `${types}.document.main+xml`],
    ["/word/styles.xml", `${types}.styles+xml`],
    ["/word/numbering.xml", `${types}.numbering+xml`],
    ["/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"],
  ].map(([name, type]) => `<Override PartName="${name}" ContentType="${type}"/>`);
  return (
    `<Types xmlns="${packages}/content-types">` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    `<Default Extension="xml" ContentType="application/xml"/>${parts.join("")}</Types>`
  );
}

function relationships(targets: readonly (readonly [string, string])[]): string {
  const rows = targets.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${office}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${packages}/relationships">${rows.join("")}</Relationships>`;
}

function documentXml(blocks: readonly Block[]): string {
  const paragraphs = blocks.map((block) => {
    const text = `<w:r><w:t xml:space="preserve">${escapeXml(block.text)}</w:t></w:r>`;
    return `<w:p>${properties(block)}${text}</w:p>`;
  });
  const size = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>';
  return `<w:document xmlns:w="${word}"><w:body>${paragraphs.join("")}${size}</w:body></w:document>`;
}

function properties(block: Block): string {
  if (block.kind === "heading") return `<w:pPr><w:pStyle w:val="Heading${block.level}"/></w:pPr>`;
  if (block.kind === "paragraph") return "";
  return '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>';
}

function stylesXml(): string {
  const heading = (level: number, size: number): string =>
    `<w:style w:type="paragraph" w:styleId="Heading${level}"><w:name w:val="heading ${level}"/>` +
    `<w:pPr><w:outlineLvl w:val="${level - 1}"/></w:pPr><w:rPr><w:b/><w:sz w:val="${size}"/></w:rPr></w:style>`;
  return `<w:styles xmlns:w="${word}">${heading(1, 40)}${heading(2, 28)}</w:styles>`;
}

function numberingXml(): string {
  return (
    `<w:numbering xmlns:w="${word}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">` +
    '<w:numFmt w:val="bullet"/><w:lvlText w:val="&#8226;"/></w:lvl></w:abstractNum>' +
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
  );
}

function coreXml(title: string): string {
  return (
    `<cp:coreProperties xmlns:cp="${packages}/metadata/core-properties" ` +
    'xmlns:dc="http://purl.org/dc/elements/1.1/">' +
    `<dc:title>${escapeXml(title)}</dc:title><dc:creator>Pellwick Instruments</dc:creator>` +
    "</cp:coreProperties>"
  );
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

// The first of January 1980, midnight: the earliest a zip can say, so that no clock is involved.
const dosTime = 0;
const dosDate = 0x21;

/** A zip archive whose entries are stored, not compressed. */
function zip(entries: readonly (readonly [string, string])[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, xml] of entries) {
    const data = Buffer.from(declaration + xml);
    const nameBytes = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0); // version needed
    shared.writeUInt16LE(dosTime, 6);
    shared.writeUInt16LE(dosDate, 8);
    shared.writeUInt32LE(crc32(data), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(data.length, 18);
    shared.writeUInt16LE(nameBytes.length, 22);
    const head = Buffer.concat([Buffer.from("PK\x03\x04"), shared, nameBytes, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    local.push(head);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), shared, tail, nameBytes]));
    offset += head.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
