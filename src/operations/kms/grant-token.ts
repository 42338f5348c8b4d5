import { decodePageToken, encodePageToken, jsonError } from "../../wire/wire.ts";
import type { KmsCall } from "./kms-operation.ts";

const scope = "kms grant token";

/** Names a grant; says nothing that its id does not say. */
export type GrantName = { readonly keyId: string; readonly grantId: string };

/** Makes a grant's token. Grants count at once here, so a token opens nothing that the grant does not. */
export function grantToken(call: KmsCall, { keyId, grantId }: GrantName): string {
  return encodePageToken({ scope, position: `${keyId} ${grantId}` }, call.pageTokenKey);
}

/**
 * The grant that a token names.
 *
 * @throws JsonError InvalidGrantTokenException.
 */
export function readGrantToken(call: KmsCall, token: string): GrantName {
  const read = decodePageToken(token, call.pageTokenKey);
  const [keyId, grantId] = read?.scope === scope ? read.position.split(" ") : [];
  if (keyId !== undefined && grantId !== undefined) return { keyId, grantId };
  throw jsonError("InvalidGrantTokenException", "The grant token is not valid.");
}

/** Refuses tokens that this installation did not make. */
export function checkGrantTokens(call: KmsCall, tokens: readonly string[] | undefined): void {
  for (const token of tokens ?? []) readGrantToken(call, token);
}
