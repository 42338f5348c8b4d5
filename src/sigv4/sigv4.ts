/**
 * Signature Version 4, both sides: proves who sent a request, and signs our own.
 *
 * A server goes parse -> look up the key -> verify:
 *
 *     const parsed = parseAuthentication({ method, rawTarget, headers });
 *     if (!parsed.ok) return answer(nameRefusal(parsed.refusal, "restJson"));
 *     const owner = await findKey(parsed.authentication.accessKeyId);
 *     const verdict = verifier.verify(parsed.authentication, { owner, now, bodyHash });
 *
 * Words: the *canonical request* is the one spelling of a request that both sides agree on; the
 * *string to sign* holds its hash; the *credential scope* says day, region and service; the
 * *signing key* is derived from the secret for one scope; the *seed* starts a chain of frames.
 *
 * Not here: where keys are kept, what a caller may do, sockets, clocks. Folding dot segments
 * means `/a/../b` and `/b` have one signature: route on the raw path and refuse dot segments.
 */
export { isEventStream } from "./payload.ts";
export { hashBody } from "./body-hash.ts";
export { createEventSigner, createEventVerifier, encodeDateHeader } from "./event-chain.ts";
export { createVerifier } from "./verify.ts";
export { emptyBodyHash, eventStreamPayload, unsignedPayload } from "./request.ts";
export { nameRefusal, refusalNames } from "./refusal.ts";
export { parseAuthentication } from "./parse.ts";
export { presign, sign } from "./sign.ts";
export { tokenMatcher } from "./checks.ts";
export type { AcceptedScopes, SigningKeyOwner } from "./checks.ts";
export type { Authentication, ParsedAuthentication } from "./authentication.ts";
export type { Credentials, HeaderList, PathStyle, WireRequest } from "./request.ts";
export type { EventVerdict, EventVerifier, SignedEvent } from "./event-chain.ts";
export type { NamedRefusal, Protocol, Refusal, RefusalReason } from "./refusal.ts";
export type { Seed, Verdict, Verified, Verifier, VerifyOptions } from "./verify.ts";
export type { Signed, SigningSteps, SignOptions } from "./sign.ts";
