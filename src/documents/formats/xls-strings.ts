/** A record of a workbook: its type and its content. */
export type XlsRecord = { readonly type: number; readonly content: Buffer };

const ansi = new TextDecoder("windows-1252");

/** Reads text that may go on in the records that follow. */
export type StringReader = {
  /** A string with a 16-bit length before it, formatting and reading aids left out. */
  readonly next: () => string;
};

/**
 * Reads the strings that cells share, over the borders of records. Where characters go on in the
 * next record, it begins by saying anew how wide they are.
 * Source: [MS-XLS], "XLUnicodeRichExtendedString" and "Continue".
 */
export function createStringReader(records: readonly Buffer[], begin: number): StringReader {
  let index = 0;
  let at = begin;
  const current = (): Buffer => {
    while (index < records.length && at >= (records[index]?.length ?? 0)) {
      index += 1;
      at = 0;
    }
    const record = records[index];
    if (record === undefined) throw new RangeError("the strings end too early");
    return record;
  };
  const number = (bytes: number): number => {
    let value = 0;
    for (let step = 0; step < bytes; step += 1) {
      value += current().readUInt8(at) * 256 ** step;
      at += 1;
    }
    return value;
  };
  const skip = (bytes: number): void => {
    for (let left = bytes; left > 0;) {
      const step = Math.min(left, current().length - at);
      at += step;
      left -= step;
    }
  };
  const characters = (length: number, flags: number): string => {
    let text = "";
    let width = (flags & 1) + 1;
    for (let left = length; left > 0;) {
      if (at >= (records[index]?.length ?? 0)) width = (current(), number(1) & 1) + 1;
      const record = current();
      const step = Math.min(left, Math.floor((record.length - at) / width));
      if (step === 0) throw new RangeError("a character is cut");
      text += decodeCharacters(record.subarray(at, at + step * width), width);
      at += step * width;
      left -= step;
    }
    return text;
  };
  return {
    next() {
      const length = number(2);
      const flags = number(1);
      const runs = (flags & 8) === 0 ? 0 : number(2);
      const aids = (flags & 4) === 0 ? 0 : number(4);
      const text = characters(length, flags);
      skip(4 * runs + aids);
      return text;
    },
  };
}

/** Characters of one byte are the first 256 of Unicode, those of two are UTF-16. */
function decodeCharacters(bytes: Buffer, width: number): string {
  return width === 2 ? bytes.toString("utf16le") : bytes.toString("latin1");
}

/** A string inside of a cell's record; before 1997 (`isOld`) it is plain bytes. */
export function inlineString(content: Buffer, at: number, isOld: boolean, lengthBytes = 2): string {
  const length = content.readUIntLE(at, lengthBytes);
  const begin = at + lengthBytes;
  if (isOld) return ansi.decode(content.subarray(begin, begin + length));
  const width = (content.readUInt8(begin) & 1) + 1;
  return decodeCharacters(content.subarray(begin + 1, begin + 1 + length * width), width);
}
