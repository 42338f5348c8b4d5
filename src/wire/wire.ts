/**
 * The service's protocol: bytes to typed values and back, by the tables of `contract`.
 *
 * REST JSON (AWS restJson1): `route` finds the operation of a request target, `decodeInput` makes
 * and validates its input, `encodeOutput` and `encodeError` write the answer. Event streams: a
 * *frame* is one message; a client's *signed frame* wraps another; an *event* is what a frame says.
 * Nothing here knows sockets, signatures (`sigv4`) or what an operation does (`operations`).
 */
export { decodeChatInputEvent, encodeChatOutputEvent, encodeStreamError } from "./chat-events.ts";
export { decodeInput } from "./decode-input.ts";
export type { RawInput } from "./decode-input.ts";
export { encodeError, encodeOutput, toApiError } from "./encode-output.ts";
export type { EncodedError } from "./encode-output.ts";
export { ApiError, apiError, cannotParse, notImplemented, unknownOperation } from "./errors.ts";
export type { ErrorMembers, ErrorName } from "./errors.ts";
export type { FrameHeaders, HeaderValue } from "./frame-headers.ts";
export { createFrameDecoder, decodeFrame, encodeFrame } from "./frames.ts";
export type { Frame, FrameDecoder } from "./frames.ts";
export { decodeJson, encodeJson, encodeJsonError, jsonTarget } from "./json11.ts";
export type { EncodedJsonAnswer } from "./json11.ts";
export { JsonError, jsonError } from "./json11-errors.ts";
export * as jsonShapes from "./json11-shapes.ts";
export type { Shaped, Structure } from "./json11-shapes.ts";
export { decodePageToken, encodePageToken } from "./page-token.ts";
export type { PagePosition } from "./page-token.ts";
export { decodeQueryRequest } from "./query-decode.ts";
export type { QueryRequest } from "./query-decode.ts";
export { encodeQueryAnswer, encodeQueryError } from "./query-encode.ts";
export type { EncodedQueryAnswer } from "./query-encode.ts";
export { QueryError, queryError, queryRefusal, toQueryError } from "./query-errors.ts";
export type { QueryErrorCode } from "./query-errors.ts";
export { route } from "./route.ts";
export type { Query, Route } from "./route.ts";
export { encodeDateHeader, isSignedFrame, unwrapSignedFrame } from "./signed-frame.ts";
export type { SignedFrame } from "./signed-frame.ts";
export { parseIsoTimestamp } from "./timestamp.ts";
