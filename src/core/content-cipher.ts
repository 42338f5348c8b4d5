import { createHmac, randomBytes } from "node:crypto";
import { contextBytes } from "./encryption-context.ts";
import { boxOverheadBytes, openBox, sealBox } from "./sealed-box.ts";

/** A data key of an application, unwrapped, by its number in the database. */
export type ContentKey = { readonly id: number; readonly bytes: Uint8Array };

/** All data keys of an application, oldest first: the last one seals. Threads get them as they are. */
export type ContentKeys = {
  readonly applicationId: string;
  readonly keys: readonly ContentKey[];
};

/**
 * How an application's content is stored. A *resource* names the place of each piece, such as
 * `message/…/body`: what is sealed for one place opens nowhere else.
 */
export type ContentCipher = {
  /** Undefined for an application without a key of its own. */
  readonly keys: ContentKeys | undefined;
  readonly seal: (resource: string, content: Uint8Array) => Uint8Array;
  readonly open: (resource: string, stored: Uint8Array) => Uint8Array;
  /** As `seal`, for columns of text. Nothing stays nothing. */
  readonly sealText: (resource: string, text: string) => string;
  /** As `open`. Words of our own, which hold no content, may stand unsealed. */
  readonly openText: (resource: string, stored: string) => string;
};

/** Content of an application whose key may not be used now. Nothing is lost. */
export class ContentLockedError extends Error {
  override readonly name = "ContentLockedError";
}

/** Stored bytes are not what was sealed for that place. */
export class BrokenSealError extends Error {
  override readonly name = "BrokenSealError";
}

/** Who has the keys of applications. Never call it within a write transaction: it may need one. */
export type ContentVault = {
  /**
   * Asks whether the application's key may be used, each time anew.
   *
   * @throws ContentLockedError where it may not.
   */
  readonly cipherOf: (applicationId: string) => Promise<ContentCipher>;
  /** As `cipherOf`, for the application of an index. */
  readonly cipherOfIndex: (indexId: string) => Promise<ContentCipher>;
};

/** The twin for applications without a key: stores everything as it is. */
export const plainCipher: ContentCipher = {
  keys: undefined,
  seal: (_resource, content) => content,
  open: (_resource, stored) => stored,
  sealText: (_resource, text) => text,
  openText: (_resource, stored) => stored,
};

/** A vault in which nothing is locked and nothing sealed. */
export const openVault: ContentVault = {
  cipherOf: async () => plainCipher,
  cipherOfIndex: async () => plainCipher,
};

const formatVersion = 1;
const saltBytes = 16;
const headerBytes = 1 + 4 + saltBytes;
const textMark = "sealed:";

/**
 * The cipher of these keys. Layout of a sealed piece: format version (1 byte), number of the data key
 * (4), salt (16), nonce, tag, content. Each piece has a key of its own, derived with the salt, so that
 * no number of pieces wears a data key out. Header, application and resource are authenticated.
 */
export function contentCipher(keys: ContentKeys | undefined): ContentCipher {
  if (keys === undefined) return plainCipher;
  const { applicationId } = keys;
  const byId = new Map(keys.keys.map((key) => [key.id, key]));
  const newest = keys.keys.at(-1);
  const boundTo = (header: Uint8Array, resource: string): Buffer => {
    const context = {
      "aws:qbusiness:application": applicationId,
      "aws:qbusiness:resource": resource,
    };
    return Buffer.concat([header, contextBytes(context)]);
  };
  const seal: ContentCipher["seal"] = (resource, content) => {
    if (newest === undefined) throw new Error(`Application ${applicationId} has no data key.`);
    const header = Buffer.alloc(headerBytes);
    header.writeUInt8(formatVersion, 0);
    header.writeUInt32BE(newest.id, 1);
    header.set(randomBytes(saltBytes), 5);
    return Buffer.concat([
      header,
      sealBox(pieceKey(newest, header), boundTo(header, resource), content),
    ]);
  };
  const open: ContentCipher["open"] = (resource, stored) => {
    const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.length);
    const isPiece = bytes.length >= sealedOverheadBytes && bytes[0] === formatVersion;
    const key = isPiece ? byId.get(bytes.readUInt32BE(1)) : undefined;
    const header = bytes.subarray(0, headerBytes);
    const opened =
      key && openBox(pieceKey(key, header), boundTo(header, resource), bytes.subarray(headerBytes));
    if (opened !== undefined) return opened;
    throw new BrokenSealError(`What is stored as ${resource} of ${applicationId} does not open.`);
  };
  return {
    keys,
    seal,
    open,
    sealText: (resource, text) =>
      text === ""
        ? ""
        : textMark + Buffer.from(seal(resource, Buffer.from(text))).toString("base64"),
    openText: (resource, stored) =>
      stored.startsWith(textMark)
        ? Buffer.from(
            open(resource, Buffer.from(stored.slice(textMark.length), "base64")),
          ).toString()
        : stored,
  };
}

/** What a sealed piece has more than its content. */
export const sealedOverheadBytes = headerBytes + boxOverheadBytes;

function pieceKey({ bytes }: ContentKey, header: Uint8Array): Buffer {
  return createHmac("sha256", bytes).update("quarry content piece\0").update(header).digest();
}
