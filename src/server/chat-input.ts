import type { Readable } from "node:stream";
import type { ChatInputStream } from "../contract/contract.ts";
import type { Clock } from "../core/clock.ts";
import { createEventVerifier, type Seed } from "../sigv4/sigv4.ts";
import {
  apiError,
  cannotParse,
  createFrameDecoder,
  decodeChatInputEvent,
  decodeFrame,
  type Frame,
  unwrapSignedFrame,
} from "../wire/wire.ts";

/**
 * Reads the events of a Chat request as they come: frames that straddle packets, each signed in a
 * chain that starts with the request's own signature, ended by a signed frame without content
 * ("Signing event stream messages", AWS documentation of streaming services).
 *
 * @throws InvalidSignatureException where a frame was changed, ValidationException for what is no
 * event or stops before its end.
 */
export async function* readChatInput(
  body: Readable,
  seed: Seed,
  now: Clock,
): AsyncGenerator<ChatInputStream> {
  const decoder = createFrameDecoder();
  const verifier = createEventVerifier(seed);
  // Leaving the loop must not destroy the request: on HTTP/1.1 its socket would go with it, and with
  // that the answer.
  const packets = body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  for await (const bytes of packets) {
    for (const outer of decoder.push(bytes)) {
      const inner = unwrap(outer, verifier, now);
      if (inner === undefined) return;
      const event = decodeChatInputEvent(inner);
      if (event !== undefined) yield event;
    }
  }
  decoder.end();
  throw cannotParse("The event stream ends before its last signed frame.");
}

/** The message in a signed frame, or undefined for the frame that ends the stream. */
function unwrap(
  outer: Frame,
  verifier: ReturnType<typeof createEventVerifier>,
  now: Clock,
): Frame | undefined {
  const { date, dateHeader, payload, signature } = unwrapSignedFrame(outer);
  const event = { date, encodedDateHeader: dateHeader, payload, signature };
  const verdict = verifier.verify(event, now());
  if (!verdict.ok) {
    throw apiError("InvalidSignatureException", { message: verdict.refusal.message });
  }
  return verdict.isLast ? undefined : decodeFrame(payload);
}
