import type { AuthenticationFields } from "./authentication.ts";
import type { HeaderIndex } from "./headers.ts";
import * as messages from "./messages.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { algorithm } from "./request.ts";
import type { QueryPair } from "./target.ts";
import { decodeUri } from "./uri.ts";

/** The parameters of a presigned URL, in the order in which messages name what is lacking. */
const required = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Signature",
  "X-Amz-SignedHeaders",
  "X-Amz-Date",
  "X-Amz-Expires",
] as const;
const optional = ["X-Amz-Security-Token", "X-Amz-Content-Sha256"] as const;
const known: ReadonlySet<string> = new Set([...required, ...optional]);
/** Any one of these makes a request a presigned one, however broken. */
const marks: ReadonlySet<string> = new Set(required.slice(0, 3));

/** Whether the query claims to carry the signature. */
export function isQueryForm(query: readonly QueryPair[]): boolean {
  return query.some(([name]) => marks.has(name));
}

/** Takes the query of a presigned URL apart. A parameter of ours given twice is refused. */
export function readQueryForm(
  query: readonly QueryPair[],
  headers: HeaderIndex,
): AuthenticationFields | Refusal {
  const values = new Map<string, string>();
  for (const [name, value] of query) {
    if (!known.has(name)) continue;
    if (values.has(name)) return refuse("incomplete", messages.repeated(name));
    values.set(name, decodeUri(value));
  }
  const lacking = required.filter((name) => (values.get(name) ?? "") === "");
  if (lacking.length > 0) return refuse("incomplete", messages.queryRequires(lacking));
  const given = values.get("X-Amz-Algorithm") ?? "";
  if (given !== algorithm) return refuse("incomplete", messages.unsupportedAlgorithm(given));
  const sessionToken = values.get("X-Amz-Security-Token") ?? headers.get("x-amz-security-token");
  const declaredPayloadHash =
    headers.get("x-amz-content-sha256") ?? values.get("X-Amz-Content-Sha256");
  return {
    form: "query",
    credential: values.get("X-Amz-Credential") ?? "",
    signedHeaders: values.get("X-Amz-SignedHeaders") ?? "",
    signature: values.get("X-Amz-Signature") ?? "",
    date: values.get("X-Amz-Date") ?? "",
    expires: values.get("X-Amz-Expires") ?? "",
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(declaredPayloadHash === undefined ? {} : { declaredPayloadHash }),
  };
}
