import type { AuthenticationFields } from "./authentication.ts";
import type { HeaderIndex } from "./headers.ts";
import * as messages from "./messages.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { algorithm } from "./request.ts";

const required = ["Credential", "Signature", "SignedHeaders"] as const;

/**
 * Takes the `Authorization` header apart:
 * `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, commas with or without spaces.
 */
export function readHeaderForm(headers: HeaderIndex): AuthenticationFields | Refusal {
  const header = headers.get("authorization") ?? "";
  // Another scheme (Bearer, Basic) is not a broken signature: there is none.
  if (!header.startsWith("AWS4-")) return refuse("missing", messages.missing);
  const blank = header.indexOf(" ");
  const scheme = blank < 0 ? header : header.slice(0, blank);
  if (scheme !== algorithm) return refuse("incomplete", messages.unsupportedAlgorithm(scheme));
  const parameters = readParameters(header, scheme.length);
  if ("reason" in parameters) return parameters;

  const date = headers.get("x-amz-date") ?? headers.get("date");
  const lacking: string[] = required
    .filter((name) => (parameters.get(name) ?? "") === "")
    .map(messages.headerRequires);
  if (date === undefined) lacking.push(messages.missingDate);
  if (lacking.length > 0) {
    return refuse("incomplete", messages.withHashedHeader(lacking, header));
  }
  const sessionToken = headers.get("x-amz-security-token");
  const declaredPayloadHash = headers.get("x-amz-content-sha256");
  return {
    form: "header",
    credential: parameters.get("Credential") ?? "",
    signedHeaders: parameters.get("SignedHeaders") ?? "",
    signature: parameters.get("Signature") ?? "",
    date: date ?? "",
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(declaredPayloadHash === undefined ? {} : { declaredPayloadHash }),
  };
}

function readParameters(header: string, start: number): ReadonlyMap<string, string> | Refusal {
  const parameters = new Map<string, string>();
  // One piece more than allowed is enough to see that there are too many.
  for (const piece of header.slice(start).split(",", required.length + 1)) {
    const text = piece.trim();
    if (text === "") continue;
    const equals = text.indexOf("=");
    if (equals < 0) return refuse("incomplete", messages.notKeyValue(header));
    const name = text.slice(0, equals);
    if (parameters.has(name)) return refuse("incomplete", messages.repeated(name));
    if (!required.some((known) => known === name)) {
      return refuse("incomplete", messages.malformedPart(name));
    }
    parameters.set(name, text.slice(equals + 1));
  }
  return parameters;
}
