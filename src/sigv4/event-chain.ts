import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { formatDateTime } from "./date-time.ts";
import * as messages from "./messages.ts";
import { refuse, type Refusal } from "./refusal.ts";
import type { Seed } from "./verify.ts";

/** A signed frame's parts. The frame itself (lengths, checksums) is the wire module's. */
export type SignedEvent = {
  /** The value of the frame's `:date` header. */
  readonly date: Date;
  /** The `:date` header as it stands in the frame: name, type and milliseconds, 15 bytes. */
  readonly encodedDateHeader: Uint8Array;
  /** Empty in the last frame. */
  readonly payload: Uint8Array;
  /** The value of the frame's `:chunk-signature` header, 32 bytes. */
  readonly signature: Uint8Array;
};

/** `isLast` marks the empty frame that ends a stream; a stream that stops before it is cut off. */
export type EventVerdict =
  | { readonly ok: true; readonly isLast: boolean }
  | { readonly ok: false; readonly refusal: Refusal };

/** Checks the frames of one stream, in order. */
export type EventVerifier = {
  readonly verify: (event: SignedEvent, now: Date) => EventVerdict;
  /** True once the empty last frame has been taken. Ask when the stream ends. */
  readonly isComplete: () => boolean;
};

/**
 * Verifies a chain of signed frames: each signature covers the one before, so that no frame can be
 * changed, dropped, added or moved. The scope stays the seed's past midnight. After a refusal and
 * after the last frame every further frame is refused.
 * Source: "Event stream encoding" in the Amazon Transcribe Developer Guide: the same frames.
 */
export function createEventVerifier(seed: Seed): EventVerifier {
  let previous = seed.signature;
  let state: "open" | "complete" | "refused" = "open";
  const refused = (reason: "clock" | "signature", message: string): EventVerdict => {
    state = "refused";
    return { ok: false, refusal: refuse(reason, message) };
  };
  return {
    isComplete: () => state === "complete",
    verify(event, now) {
      if (state !== "open") return refused("signature", messages.wrongSignature);
      const clock = refuseEventClock(event.date.getTime(), now.getTime());
      if (clock !== undefined) return refused("clock", clock);
      // The signed text has seconds, the header milliseconds: both must tell the same time.
      const isSameDate = encodeDateHeader(event.date).equals(event.encodedDateHeader);
      const signature = signEvent(seed, previous, event);
      const isMatch =
        event.signature.length === signature.length && timingSafeEqual(signature, event.signature);
      if (!isSameDate || !isMatch) return refused("signature", messages.wrongSignature);
      previous = signature.toString("hex");
      const isLast = event.payload.length === 0;
      if (isLast) state = "complete";
      return { ok: true, isLast };
    },
  };
}

/** Signs the frames of one stream, in order; an empty payload ends it. The verifier's twin. */
export function createEventSigner(seed: Seed): {
  readonly sign: (event: { readonly date: Date; readonly payload: Uint8Array }) => SignedEvent;
} {
  let previous = seed.signature;
  return {
    sign({ date, payload }) {
      const encodedDateHeader = encodeDateHeader(date);
      const signature = signEvent(seed, previous, { date, encodedDateHeader, payload });
      previous = signature.toString("hex");
      return { date, encodedDateHeader, payload, signature };
    },
  };
}

const dateHeaderStart = Buffer.from("\x05:date\x08", "latin1");

/** Encodes the header `:date` as frames carry it: name length, name, type timestamp, int64 ms. */
export function encodeDateHeader(date: Date): Buffer {
  const bytes = Buffer.alloc(dateHeaderStart.length + 8);
  dateHeaderStart.copy(bytes);
  bytes.writeBigInt64BE(BigInt(date.getTime()), dateHeaderStart.length);
  return bytes;
}

function signEvent(seed: Seed, previous: string, event: Omit<SignedEvent, "signature">): Buffer {
  const lines = [
    "AWS4-HMAC-SHA256-PAYLOAD",
    formatDateTime(event.date.getTime()),
    seed.credentialScope,
    previous,
    hash("sha256", event.encodedDateHeader, "hex"),
    hash("sha256", event.payload, "hex"),
  ];
  return createHmac("sha256", seed.signingKey).update(lines.join("\n")).digest();
}

function refuseEventClock(timeMs: number, nowMs: number): string | undefined {
  const aheadMs = timeMs - nowMs;
  // Anything may stand in a frame: a time beyond what a date can hold has no text to show.
  if (Number.isNaN(aheadMs)) return messages.malformedDate("invalid date");
  if (aheadMs > messages.clockSkewMsMax) return messages.notYetCurrent(timeMs, nowMs);
  return aheadMs < -messages.clockSkewMsMax ? messages.expired(timeMs, nowMs) : undefined;
}
