import { hash } from "node:crypto";
import { algorithm } from "./request.ts";

/** How the text of the canonical request becomes bytes; matters beyond ASCII only. */
export type TextEncoding = "utf8" | "latin1";

/**
 * Puts the parts of a canonical request together.
 * Source: "Create a signed AWS API request" in the IAM User Guide.
 *
 *     GET\n/applications\nmaxResults=5\nhost:example.org\n\nhost\ne3b0c442…
 */
export function joinCanonicalRequest(parts: {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headerLines: string;
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
}): string {
  const { method, path, query, headerLines, signedHeaders, payloadHash } = parts;
  return `${method}\n${path}\n${query}\n${headerLines}\n${signedHeaders.join(";")}\n${payloadHash}`;
}

/** The text that the signing key signs. */
export function joinStringToSign(parts: {
  readonly dateTime: string;
  readonly credentialScope: string;
  readonly canonicalRequest: string;
  readonly encoding?: TextEncoding;
}): string {
  const { dateTime, credentialScope, canonicalRequest, encoding } = parts;
  const text = encoding === "latin1" ? Buffer.from(canonicalRequest, "latin1") : canonicalRequest;
  return `${algorithm}\n${dateTime}\n${credentialScope}\n${hash("sha256", text, "hex")}`;
}
