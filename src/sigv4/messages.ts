import { hash } from "node:crypto";
import { formatDateTime } from "./date-time.ts";
import { algorithm, terminator } from "./request.ts";
import { quote } from "./refusal.ts";

// The service's own sentences. Sources: "Common Errors" in the API references, "Troubleshoot
// signed requests for AWS APIs" in the IAM User Guide, and answers of public endpoints.

export const clockSkewMsMax = 15 * 60 * 1000;

export const missing = "Missing Authentication Token";
export const bothForms =
  "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
export const invalidToken = "The security token included in the request is invalid.";
export const expiredToken = "The security token included in the request is expired";
export const wrongSignature =
  "The request signature we calculated does not match the signature you provided. " +
  "Check your AWS Secret Access Key and signing method. " +
  "Consult the service documentation for details.";
export const unsignedHost =
  "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
export const missingDate =
  "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
export const invalidRegion = "Credential should be scoped to a valid region.";
export const invalidPayloadHash =
  "'X-Amz-Content-Sha256' must be the SHA-256 of the payload in lower-case hexadecimal digits.";

export const headerRequires = (parameter: string): string =>
  `Authorization header requires '${parameter}' parameter.`;

/** The header itself is not repeated: it may hold another scheme's secret. */
export const withHashedHeader = (sentences: readonly string[], header: string): string =>
  `${sentences.join(" ")} (Hashed with SHA-256 and encoded with Base64) Authorization=${hashed(header)}`;

export const notKeyValue = (header: string): string =>
  "Invalid key=value pair (missing equal-sign) in Authorization header " +
  `(hashed with SHA-256 and encoded with Base64): '${hashed(header)}'.`;

export const queryRequires = (names: readonly string[]): string =>
  [
    ...names.map((name) => `AWS query-string parameters must include '${name}'.`),
    "Re-examine the query-string parameters.",
  ].join(" ");

export const repeated = (name: string): string => `${quote(name)} must be given once.`;

export const unsupportedAlgorithm = (given: string): string =>
  `Unsupported AWS 'algorithm': ${quote(given)} (only ${algorithm} for now). `;

export const malformedCredential = (given: string): string =>
  "Credential must have exactly 5 slash-delimited elements, " +
  `e.g. keyid/date/region/service/term, got ${quote(given)}`;

export const malformedDate = (given: string): string =>
  `Date must be in ISO-8601 'basic format'. Got ${quote(given)}. ` +
  "See http://en.wikipedia.org/wiki/ISO_8601";

export const malformedExpires = (given: string): string =>
  `X-Amz-Expires must be a number of seconds from 1 to 604800, got ${quote(given)}.`;

export const malformedPart = (name: string): string =>
  `Authorization component ${quote(name)} is malformed.`;

export const unsignedHeader = (name: string): string =>
  `${quote(name)} must be a 'SignedHeader' in the AWS Authorization.`;

export const wrongService = (expected: string): string =>
  `Credential should be scoped to correct service: '${expected}'.`;

export const wrongTerminator = (given: string): string =>
  `Credential should be scoped with a valid terminator: '${terminator}', not ${quote(given)}.`;

export const wrongDay = (day: string, dateTime: string): string =>
  "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
  `${quote(day)} != '${dateTime.slice(0, 8)}', from '${dateTime}'.`;

export const expired = (timeMs: number, nowMs: number): string =>
  `Signature expired: ${formatDateTime(timeMs)} is now earlier than ` +
  `${formatDateTime(nowMs - clockSkewMsMax)} (${formatDateTime(nowMs)} - 15 min.)`;

export const notYetCurrent = (timeMs: number, nowMs: number): string =>
  `Signature not yet current: ${formatDateTime(timeMs)} is still later than ` +
  `${formatDateTime(nowMs + clockSkewMsMax)} (${formatDateTime(nowMs)} + 15 min.)`;

export const pastExpires = (endMs: number, nowMs: number): string =>
  `Signature expired: ${formatDateTime(endMs)} is now earlier than ${formatDateTime(nowMs)}`;

function hashed(text: string): string {
  return hash("sha256", text, "base64");
}
