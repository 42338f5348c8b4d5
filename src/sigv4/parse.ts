import type {
  Authentication,
  AuthenticationFields,
  ParsedAuthentication,
} from "./authentication.ts";
import { formatDateTime, parseDateTime } from "./date-time.ts";
import { indexHeaders, isHostName, type HeaderIndex } from "./headers.ts";
import * as messages from "./messages.ts";
import { readHeaderForm } from "./parse-header.ts";
import { isQueryForm, readQueryForm } from "./parse-query.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { expiresSecondsMax, isHexHash, type WireRequest } from "./request.ts";
import { splitTarget } from "./target.ts";

const signedHeadersMax = 128;
const accessKeyIdCharsMax = 128;
const targetCharsMax = 65_536;

/**
 * Reads who claims to have signed a request: the first two checks, presence and form. Nothing is
 * proven yet; look the key up next, then `verify`. Takes any bytes and never throws.
 *
 * Refusals: `missing`, `bothForms`, `incomplete`, `unsignedHeader` (host and every `x-amz-*`
 * header must be signed; the session token need not be).
 * Source: "Elements of an AWS API request signature" in the IAM User Guide.
 */
export function parseAuthentication(request: WireRequest): ParsedAuthentication {
  const { method, rawTarget } = request;
  if (rawTarget.length > targetCharsMax) return no("incomplete", messages.malformedPart("target"));
  const headers = indexHeaders(request.headers);
  const target = splitTarget(rawTarget);
  const authorization = headers.get("authorization") ?? "";
  const isQuery = isQueryForm(target.query);
  if (authorization !== "" && isQuery) return no("bothForms", messages.bothForms);
  const fields = isQuery ? readQueryForm(target.query, headers) : readHeaderForm(headers);
  if ("reason" in fields) return { ok: false, refusal: fields };
  return interpret(fields, { method, target, headers });
}

function interpret(
  fields: AuthenticationFields,
  request: Authentication["request"],
): ParsedAuthentication {
  // "*" and other targets without a path name nothing that could be signed for.
  if (!request.target.path.startsWith("/")) {
    return no("incomplete", messages.malformedPart("target"));
  }
  const credential = readCredential(fields.credential);
  if (credential === undefined) {
    return no("incomplete", messages.malformedCredential(fields.credential));
  }
  if (!isHexHash(fields.signature)) return no("incomplete", messages.malformedPart("Signature"));
  const timeMs = parseDateTime(fields.date);
  if (timeMs === undefined) return no("incomplete", messages.malformedDate(fields.date));
  const expiresSeconds = readExpires(fields.expires);
  if (fields.expires !== undefined && expiresSeconds === undefined) {
    return no("incomplete", messages.malformedExpires(fields.expires));
  }
  const signedHeaders = readSignedHeaders(fields.signedHeaders);
  if (signedHeaders === undefined) {
    return no("incomplete", messages.malformedPart("SignedHeaders"));
  }
  const unsigned = refuseUnsigned(request.headers, signedHeaders);
  if (unsigned !== undefined) return { ok: false, refusal: unsigned };
  const { form, signature, sessionToken, declaredPayloadHash } = fields;
  return {
    ok: true,
    authentication: {
      form,
      ...credential,
      signedHeaders,
      signature,
      // Of the two forms of a date only this one is ever signed.
      dateTime: fields.date.length === 16 ? fields.date : formatDateTime(timeMs),
      timeMs,
      ...(expiresSeconds === undefined ? {} : { expiresSeconds }),
      ...(sessionToken === undefined ? {} : { sessionToken }),
      ...(declaredPayloadHash === undefined ? {} : { declaredPayloadHash }),
      request,
    },
  };
}

function readCredential(text: string): Pick<Authentication, "accessKeyId" | "scope"> | undefined {
  const [accessKeyId, day, region, service, terminator, ...rest] = text.split("/", 6);
  if (!accessKeyId || !day || !region || !service || !terminator || rest.length > 0) {
    return undefined;
  }
  if (accessKeyId.length > accessKeyIdCharsMax || !isPrintable(text)) return undefined;
  return { accessKeyId, scope: { day, region, service, terminator } };
}

function readExpires(text: string | undefined): number | undefined {
  if (text === undefined || text.length > 6 || !/^[0-9]+$/.test(text)) return undefined;
  const seconds = Number(text);
  return seconds >= 1 && seconds <= expiresSecondsMax ? seconds : undefined;
}

function readSignedHeaders(text: string): readonly string[] | undefined {
  if (!isPrintable(text)) return undefined;
  const names = text
    .toLowerCase()
    .split(";", signedHeadersMax + 1)
    .sort();
  if (names.length > signedHeadersMax || names[0] === "") return undefined;
  for (let index = 1; index < names.length; index += 1) {
    if (names[index] === names[index - 1]) return undefined;
  }
  return names;
}

/** What is not signed anyone on the way could have added. */
function refuseUnsigned(
  headers: HeaderIndex,
  signedHeaders: readonly string[],
): Refusal | undefined {
  if (!signedHeaders.some(isHostName)) return refuse("unsignedHeader", messages.unsignedHost);
  for (const name of headers.keys()) {
    if (!name.startsWith("x-amz-") || name === "x-amz-security-token") continue;
    if (!signedHeaders.includes(name)) {
      return refuse("unsignedHeader", messages.unsignedHeader(name));
    }
  }
  return undefined;
}

/** Visible ASCII only: what is refused here never reaches a log or a look-up. */
function isPrintable(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

function no(reason: Refusal["reason"], message: string): ParsedAuthentication {
  return { ok: false, refusal: refuse(reason, message) };
}
