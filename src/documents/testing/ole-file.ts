const sectorBytes = 512;
const free = 0xffffffff;
const end = 0xfffffffe;
const tableSector = 0xfffffffd;

/** Makes an old office container of streams, each long enough to need no small sectors. */
export function makeOle(streams: Readonly<Record<string, Buffer>>): Buffer {
  const contents = Object.entries(streams).map(([name, content]) => ({
    name,
    // Streams below this size lie elsewhere, which the plain layout here avoids.
    content: Buffer.concat([content, Buffer.alloc(Math.max(0, 4096 - content.length))]),
  }));
  const sectors: Buffer[] = [];
  const links: number[] = [];
  const place = (content: Buffer): number => {
    const start = sectors.length;
    for (let at = 0; at < content.length; at += sectorBytes) {
      const sector = Buffer.alloc(sectorBytes);
      content.copy(sector, 0, at);
      sectors.push(sector);
      links.push(at + sectorBytes >= content.length ? end : sectors.length);
    }
    return start;
  };
  const entries = contents.map(({ name, content }) =>
    entry(name, 2, place(content), content.length),
  );
  const directory = place(Buffer.concat([entry("Root Entry", 5, end, 0), ...entries]));
  const table = Buffer.alloc(sectorBytes, 0xff);
  for (const [index, link] of [...links, tableSector].entries())
    table.writeUInt32LE(link, index * 4);

  const header = Buffer.alloc(sectorBytes);
  Buffer.from("d0cf11e0a1b11ae1", "hex").copy(header);
  header.writeUInt16LE(9, 30);
  header.writeUInt16LE(6, 32);
  header.writeUInt32LE(1, 44);
  header.writeUInt32LE(directory, 48);
  header.writeUInt32LE(4096, 56);
  header.writeUInt32LE(end, 60);
  header.writeUInt32LE(end, 68);
  header.fill(0xff, 76);
  header.writeUInt32LE(sectors.length, 76);
  header.writeUInt32LE(free, 80);
  return Buffer.concat([header, ...sectors, table]);
}

function entry(name: string, type: number, start: number, size: number): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.write(name, "utf16le");
  bytes.writeUInt16LE(2 * name.length + 2, 64);
  bytes.writeUInt8(type, 66);
  bytes.writeUInt32LE(start, 116);
  bytes.writeUInt32LE(size, 120);
  return bytes;
}

/** A Word document with the text in two pieces, one of them compressed. */
export function makeDoc(text: string, options: { readonly flags?: number } = {}): Buffer {
  const half = text.length >> 1;
  const main = Buffer.alloc(4096 + 3 * text.length);
  main.writeUInt16LE(0xa5ec, 0);
  main.writeUInt16LE(0xc1, 2);
  main.writeUInt16LE(options.flags ?? 0x0200, 10);
  main.write(text.slice(0, half), 1024, "latin1");
  main.write(text.slice(half), 4096, "utf16le");
  const pieces = Buffer.alloc(4 * 3 + 8 * 2);
  pieces.writeUInt32LE(half, 4);
  pieces.writeUInt32LE(text.length, 8);
  pieces.writeUInt32LE((1024 * 2 + 0x40000000) >>> 0, 12 + 2);
  pieces.writeUInt32LE(4096, 20 + 2);
  const head = Buffer.from([1, 2, 0, 9, 9, 2, 0, 0, 0, 0]);
  head.writeUInt32LE(pieces.length, 6);
  main.writeUInt32LE(0, 418);
  main.writeUInt32LE(head.length + pieces.length, 422);
  return makeOle({ WordDocument: main, "1Table": Buffer.concat([head, pieces]) });
}

/** A record of a presentation; a container when its content is a list of records. */
export function pptRecord(type: number, content: Buffer | readonly Buffer[], instance = 0): Buffer {
  const isContainer = !Buffer.isBuffer(content);
  const body = isContainer ? Buffer.concat(content) : content;
  const head = Buffer.alloc(8);
  head.writeUInt16LE((isContainer ? 15 : 0) | (instance << 4), 0);
  head.writeUInt16LE(type, 2);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}
