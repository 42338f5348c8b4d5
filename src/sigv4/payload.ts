import type { Authentication } from "./authentication.ts";
import * as messages from "./messages.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { eventStreamPayload, isHexHash, unsignedPayload } from "./request.ts";

/** The last line of the canonical request, and the body's own check after the signature's. */
export type Payload = {
  readonly hash: string;
  readonly isEventStream: boolean;
  readonly refuseBody: () => Refusal | undefined;
};

/**
 * Decides what stands for the body. Declared hashes are taken and checked against the body later;
 * nothing declared means the body's own hash; a body that nobody vouches for is refused, except in
 * presigned S3 URLs, whose makers do not have it yet.
 */
export function choosePayload(
  authentication: Authentication,
  bodyHash: string | (() => string),
): Payload | Refusal {
  const { declaredPayloadHash, form, scope } = authentication;
  const isPresignedS3 = form === "query" && scope.service === "s3";
  const declared = declaredPayloadHash ?? (isPresignedS3 ? unsignedPayload : undefined);
  const realHash = (): string => (typeof bodyHash === "string" ? bodyHash : bodyHash());
  if (declared === undefined) return payload(realHash());
  if (isHexHash(declared)) {
    return payload(declared, () =>
      realHash() === declared ? undefined : refuse("bodyHash", messages.wrongSignature),
    );
  }
  if (declared === unsignedPayload && isPresignedS3) return payload(declared);
  if (isEventStream(authentication)) return { ...payload(declared), isEventStream: true };
  return refuse("payload", messages.invalidPayloadHash);
}

/** Whether the body is a stream of signed frames, known before a byte of it is read. */
export function isEventStream({ declaredPayloadHash, form }: Authentication): boolean {
  return declaredPayloadHash === eventStreamPayload && form === "header";
}

function payload(hash: string, refuseBody: Payload["refuseBody"] = () => undefined): Payload {
  return { hash, isEventStream: false, refuseBody };
}
