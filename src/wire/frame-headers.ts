import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";

/** A header of an event-stream message: one of the ten wire types. */
export type HeaderValue =
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "byte" | "short" | "integer"; readonly value: number }
  | { readonly type: "long"; readonly value: bigint }
  | { readonly type: "binary"; readonly value: Uint8Array }
  | { readonly type: "string" | "uuid"; readonly value: string }
  | { readonly type: "timestamp"; readonly value: Date };

/** Name -> value, in the order of the wire. */
export type FrameHeaders = ReadonlyMap<string, HeaderValue>;

// Type numbers of the wire (Amazon event stream specification): true and false have one each.
const codes = {
  byte: 2,
  short: 3,
  integer: 4,
  long: 5,
  binary: 6,
  string: 7,
  timestamp: 8,
  uuid: 9,
};
const sizesBytes: Readonly<Record<number, number>> = {
  0: 0,
  1: 0,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  8: 8,
  9: 16,
};

/** The headers as they stand in a message. */
export function encodeHeaders(headers: FrameHeaders): Buffer {
  return Buffer.concat([...headers].map(([name, header]) => encodeHeader(name, header)));
}

function encodeHeader(name: string, header: HeaderValue): Buffer {
  const nameBytes = Buffer.from(name);
  assert.ok(nameBytes.length > 0 && nameBytes.length < 256, "a header name has 1 to 255 bytes");
  const code = header.type === "boolean" ? Number(!header.value) : codes[header.type];
  const start = Buffer.from([nameBytes.length, ...nameBytes, code]);
  return Buffer.concat([start, encodeValue(header)]);
}

function encodeValue(header: HeaderValue): Buffer {
  const bytes = Buffer.alloc(sizesBytes[header.type === "boolean" ? 0 : codes[header.type]] ?? 2);
  switch (header.type) {
    case "boolean":
      break;
    case "byte":
      bytes.writeInt8(header.value);
      break;
    case "short":
      bytes.writeInt16BE(header.value);
      break;
    case "integer":
      bytes.writeInt32BE(header.value);
      break;
    case "long":
      bytes.writeBigInt64BE(header.value);
      break;
    case "timestamp":
      bytes.writeBigInt64BE(BigInt(header.value.getTime()));
      break;
    case "uuid":
      bytes.write(header.value.replaceAll("-", ""), "hex");
      assert.equal(formatUuid(bytes.toString("hex")), header.value, "a UUID header is no UUID");
      break;
    default: {
      const value = Buffer.from(header.value as string);
      bytes.writeUInt16BE(value.length);
      return Buffer.concat([bytes, value]);
    }
  }
  return bytes;
}

/** Reads headers; undefined when the bytes are none. A name may come once. */
export function decodeHeaders(bytes: Buffer): FrameHeaders | undefined {
  const headers = new Map<string, HeaderValue>();
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + (bytes[at] ?? 0);
    const name = decodeText(bytes.subarray(at + 1, nameEnd)) ?? "";
    const code = bytes[nameEnd];
    // Texts and bytes bring their own length, in two bytes.
    const isVariable = code === codes.binary || code === codes.string;
    const start = nameEnd + (isVariable ? 3 : 1);
    if (code === undefined || start > bytes.length || name === "" || headers.has(name))
      return undefined;
    const sizeBytes = isVariable ? bytes.readUInt16BE(nameEnd + 1) : sizesBytes[code];
    if (sizeBytes === undefined || start + sizeBytes > bytes.length) return undefined;
    const value = decodeValue(code, bytes.subarray(start, start + sizeBytes));
    if (value === undefined) return undefined;
    headers.set(name, value);
    at = start + sizeBytes;
  }
  return headers;
}

function decodeValue(code: number, bytes: Buffer): HeaderValue | undefined {
  switch (code) {
    case 0:
    case 1:
      return { type: "boolean", value: code === 0 };
    case codes.byte:
      return { type: "byte", value: bytes.readInt8() };
    case codes.short:
      return { type: "short", value: bytes.readInt16BE() };
    case codes.integer:
      return { type: "integer", value: bytes.readInt32BE() };
    case codes.long:
      return { type: "long", value: bytes.readBigInt64BE() };
    case codes.binary:
      return { type: "binary", value: bytes };
    case codes.string: {
      const value = decodeText(bytes);
      return value === undefined ? undefined : { type: "string", value };
    }
    case codes.timestamp: {
      const value = new Date(Number(bytes.readBigInt64BE()));
      return Number.isNaN(value.getTime()) ? undefined : { type: "timestamp", value };
    }
    default:
      return { type: "uuid", value: formatUuid(bytes.toString("hex")) };
  }
}

function decodeText(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

function formatUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
