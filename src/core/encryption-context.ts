/** Pairs that a ciphertext is bound to: without exactly these it does not open. They are no secret. */
export type EncryptionContext = Readonly<Record<string, string>>;

/**
 * One text of bytes for each context, whatever the order of its pairs; no two contexts share one,
 * for each part is preceded by its length. Names and values differ by case.
 */
export function contextBytes(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).map((pair) => pair.map((part) => Buffer.from(part)));
  const sorted = pairs.toSorted(([a = none], [b = none]) => Buffer.compare(a, b));
  return Buffer.concat(sorted.flat().flatMap((part) => [uint32(part.length), part]));
}

const none = Buffer.alloc(0);

/** Four bytes, the highest first. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
