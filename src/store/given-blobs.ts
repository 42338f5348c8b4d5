/** Blobs that whoever has them written does not look at again. */
const given = new WeakSet<Uint8Array>();

/**
 * Has a blob's memory go along to the writer thread instead of a copy, and of what the message makes
 * of it on its way: for blobs so large that it counts. It is empty once it was sent.
 */
export function giveAway(blob: Uint8Array): Uint8Array {
  given.add(blob);
  return blob;
}

/** The memory that goes along with parameters: of given blobs, where nothing else is in it. */
export function givenBuffers(parameters: readonly unknown[]): readonly ArrayBuffer[] {
  return parameters.filter(isGiven).map(({ buffer }) => buffer);
}

function isGiven(value: unknown): value is Uint8Array<ArrayBuffer> {
  if (!(value instanceof Uint8Array) || !given.has(value)) return false;
  return value.buffer instanceof ArrayBuffer && value.buffer.byteLength === value.byteLength;
}
