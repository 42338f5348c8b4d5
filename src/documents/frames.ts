/** One message between the pool and a child: a JSON header and, for documents, raw bytes. */
export type Frame = { readonly header: unknown; readonly body: Buffer };

const prefixLength = 10;
const headerBytesMax = 64_000_000;

/** The bytes that go before a body of `bodyBytes`: two lengths and the header. */
export function encodeFrameHead(header: unknown, bodyBytes = 0): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(prefixLength);
  prefix.writeUInt32LE(json.length, 0);
  prefix.writeUIntLE(bodyBytes, 4, 6);
  return Buffer.concat([prefix, json]);
}

/**
 * Cuts a stream of pieces into frames. A body is copied once, into a buffer of its final size.
 * Throws when a length is above its limit: the other side is not what it should be.
 */
export function createFrameReader(
  onFrame: (frame: Frame) => void,
  bodyBytesMax: number,
): (piece: Buffer) => void {
  let step: "prefix" | "header" | "body" = "prefix";
  let target = Buffer.alloc(prefixLength);
  let filled = 0;
  let bodyBytes = 0;
  let header: unknown;

  const expect = (next: typeof step, length: number): void => {
    step = next;
    target = Buffer.allocUnsafeSlow(length);
    filled = 0;
  };
  const advance = (): void => {
    if (step === "prefix") {
      const headerBytes = target.readUInt32LE(0);
      bodyBytes = target.readUIntLE(4, 6);
      if (headerBytes > headerBytesMax || bodyBytes > bodyBytesMax) {
        throw new RangeError(`frame of ${headerBytes} + ${bodyBytes} bytes is above the limit`);
      }
      expect("header", headerBytes);
    } else if (step === "header") {
      header = JSON.parse(target.toString("utf8"));
      expect("body", bodyBytes);
    } else {
      const body = target;
      expect("prefix", prefixLength);
      onFrame({ header, body });
    }
  };

  return (piece) => {
    let at = 0;
    while (at < piece.length || filled === target.length) {
      const taken = piece.copy(target, filled, at);
      at += taken;
      filled += taken;
      if (filled < target.length) return;
      advance();
    }
  };
}
