import { DocumentFailure } from "../failure.ts";

/** The streams of an old office file. Source: [MS-CFB], "Compound File Binary File Format". */
export type OleFile = {
  /** Bytes of the stream of that name, wherever it lies; `undefined` when there is none. */
  readonly stream: (name: string) => Buffer | undefined;
};

const headerBytes = 512;
const entryBytes = 128;
const lastSector = 0xfffffffa;
const headerSectors = 109;

/** Opens the container; every chain is followed at most as far as the file has sectors. */
export function openOle(bytes: Buffer): OleFile {
  if (bytes.length < headerBytes) throw damaged();
  const sectorBytes = 1 << Math.min(bytes.readUInt16LE(30), 16);
  const miniBytes = 1 << Math.min(bytes.readUInt16LE(32), 16);
  const miniLimit = bytes.readUInt32LE(56);
  const count = Math.floor(bytes.length / sectorBytes);
  const sector = (index: number): Buffer =>
    bytes.subarray((index + 1) * sectorBytes, (index + 2) * sectorBytes);
  const table = allocationTable(bytes, sector, count);

  const chain = (start: number, links: readonly number[], most: number): readonly number[] => {
    const found: number[] = [];
    let at = start;
    while (at < lastSector && at < links.length && found.length < most) {
      found.push(at);
      at = links[at] ?? lastSector;
    }
    return found;
  };
  const read = (start: number): Buffer => Buffer.concat(chain(start, table, count).map(sector));

  const entries = directory(read(bytes.readUInt32LE(48)));
  const root = entries.find((entry) => entry.type === 5);
  const miniTable = numbers(read(bytes.readUInt32LE(60)));
  const mini = root === undefined ? Buffer.alloc(0) : read(root.start);
  const readMini = (start: number): Buffer =>
    Buffer.concat(
      chain(start, miniTable, Math.ceil(mini.length / miniBytes)).map((index) =>
        mini.subarray(index * miniBytes, (index + 1) * miniBytes),
      ),
    );
  return {
    stream(name) {
      const entry = entries.find((one) => one.type === 2 && one.name === name);
      if (entry === undefined) return undefined;
      const content = entry.size < miniLimit ? readMini(entry.start) : read(entry.start);
      return content.subarray(0, entry.size);
    },
  };
}

/** For each sector the one that follows it. */
function allocationTable(
  bytes: Buffer,
  sector: (index: number) => Buffer,
  count: number,
): readonly number[] {
  const places = numbers(bytes.subarray(76, 76 + 4 * headerSectors));
  let more = bytes.readUInt32LE(68);
  for (let step = 0; more < lastSector && step < count; step += 1) {
    const list = numbers(sector(more));
    places.push(...list.slice(0, -1));
    more = list.at(-1) ?? lastSector;
  }
  return places.filter((place) => place < count).flatMap((place) => numbers(sector(place)));
}

function numbers(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readUInt32LE(index * 4));
}

function directory(bytes: Buffer): readonly {
  readonly name: string;
  readonly type: number;
  readonly start: number;
  readonly size: number;
}[] {
  return Array.from({ length: Math.floor(bytes.length / entryBytes) }, (_, index) => {
    const entry = bytes.subarray(index * entryBytes, (index + 1) * entryBytes);
    const nameBytes = Math.max(0, Math.min(64, entry.readUInt16LE(64)) - 2);
    return {
      name: entry.toString("utf16le", 0, nameBytes & ~1),
      type: entry.readUInt8(66),
      start: entry.readUInt32LE(116),
      size: entry.readUInt32LE(120),
    };
  });
}

/** The failure of every reader of old office files. */
export function damaged(): DocumentFailure {
  const reason = "The file is damaged. Open it in the program that made it and save it again.";
  return new DocumentFailure("corrupt", reason);
}

/** The failure for a file that needs a password. */
export function locked(): DocumentFailure {
  const reason = "The file is protected by a password. Save it without one and add it again.";
  return new DocumentFailure("encrypted", reason);
}

/** Runs a reader of binary records; reading past the end means the file is damaged. */
export function readRecords<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw damaged();
    throw error;
  }
}
