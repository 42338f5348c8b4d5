import { oneLine } from "../block.ts";
import type { Block, Extraction } from "../block.ts";
import { damaged, locked, openOle, readRecords } from "./ole.ts";

// Source of the record types: [MS-PPT], "PowerPoint (.ppt) Binary File Format", RecordType.
const record = {
  document: 1000,
  slide: 1006,
  notes: 1008,
  slidePersist: 1011,
  slideList: 4080,
  textHeader: 3999,
  textChars: 4000,
  textBytes: 4008,
} as const;
const encryptedToken = 0xf3d1c4df;
const titles = new Set([0, 6]);
const depthMax = 32;
const containerVersion = 15;

/** Reads PPT: titles and text of each slide, then what stands in boxes and notes. */
export function readPpt(bytes: Buffer): Extraction {
  const file = openOle(bytes);
  const user = file.stream("Current User");
  if (user !== undefined && user.length >= 16 && user.readUInt32LE(12) === encryptedToken)
    throw locked();
  const stream = file.stream("PowerPoint Document");
  if (stream === undefined) throw damaged();
  const deck = createDeck();
  readRecords(() => walk(stream, 0, stream.length, deck, 0));
  const blocks = deck.blocks();
  const title = blocks.find((block) => block.kind === "heading")?.text;
  return { ...(title === undefined ? {} : { title }), blocks, pages: deck.slides(), warnings: [] };
}

type Deck = {
  readonly enter: (type: number, instance: number) => void;
  readonly atom: (type: number, content: Buffer) => void;
  readonly blocks: () => readonly Block[];
  readonly slides: () => number;
};

function walk(stream: Buffer, begin: number, end: number, deck: Deck, depth: number): void {
  let at = begin;
  while (at + 8 <= end) {
    const head = stream.readUInt16LE(at);
    const type = stream.readUInt16LE(at + 2);
    const next = Math.min(end, at + 8 + stream.readUInt32LE(at + 4));
    if ((head & 15) !== containerVersion) deck.atom(type, stream.subarray(at + 8, next));
    else if (depth < depthMax && isRead(type, depth)) {
      deck.enter(type, head >> 4);
      walk(stream, at + 8, next, deck, depth + 1);
    }
    at = next;
  }
}

/** On top only slides, notes and the document count: masters hold instructions, not text. */
function isRead(type: number, depth: number): boolean {
  return depth > 0 || type === record.slide || type === record.notes || type === record.document;
}

function createDeck(): Deck {
  const blocks: Block[] = [];
  const seen = new Set<string>();
  let outlineSlides = 0;
  let drawnSlides = 0;
  let page = 0;
  let isOutline = false;
  let isMaster = false;
  let isTitle = false;

  const add = (raw: string): void => {
    const lines = raw.split("\r").map((line) => oneLine(line.replaceAll("\v", " ")));
    const text = lines
      .filter((line) => line !== "")
      .join("\n")
      .toWellFormed();
    // Texts of the outline and of earlier versions of a slide stand in the file again.
    if (text === "" || text === "*" || isMaster || seen.has(text)) return;
    seen.add(text);
    const place = page === 0 ? {} : { page };
    if (isTitle) blocks.push({ kind: "heading", text: oneLine(text), level: 1, ...place });
    else blocks.push({ kind: lines.length > 1 ? "list" : "paragraph", text, ...place });
  };
  return {
    enter(type, instance) {
      if (type === record.slideList) {
        isOutline = instance === 0;
        isMaster = instance === 1;
        page = 0;
      } else if (type === record.slide || type === record.notes) {
        isOutline = false;
        isMaster = false;
        isTitle = false;
        if (type === record.slide) drawnSlides += 1;
        page = Math.min(drawnSlides, Math.max(1, outlineSlides));
      }
    },
    atom(type, content) {
      if (type === record.slidePersist && isOutline) {
        outlineSlides += 1;
        page = outlineSlides;
      } else if (type === record.textHeader && content.length >= 4) {
        isTitle = titles.has(content.readUInt32LE(0));
      } else if (type === record.textChars) add(content.toString("utf16le"));
      else if (type === record.textBytes) add(content.toString("latin1"));
    },
    blocks: () => blocks,
    slides: () => Math.max(outlineSlides, page),
  };
}
