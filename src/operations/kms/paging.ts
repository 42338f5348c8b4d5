import { createHash } from "node:crypto";
import { decodePageToken, encodePageToken, jsonError } from "../../wire/wire.ts";
import type { KmsCall } from "./kms-operation.ts";

/** One page of a listing in the words of the API. */
export type KmsPage<T> = {
  readonly items: readonly T[];
  readonly paging: { readonly Truncated: boolean; readonly NextMarker?: string };
};

/** What a listing is of, and how much of it one page has. */
export type KmsListing = {
  readonly listing: readonly string[];
  readonly input: { readonly Limit?: number | undefined; readonly Marker?: string | undefined };
  readonly limitDefault: number;
  readonly limitMax: number;
};

/**
 * Reads a page: asks for one item more than fits, and closes the marker over the last one shown.
 *
 * @throws JsonError InvalidMarkerException for a marker of another listing.
 */
export async function readKmsPage<T>(
  call: KmsCall,
  { listing, input, limitDefault, limitMax }: KmsListing,
  read: (after: string, limit: number) => Promise<readonly T[]>,
  positionOf: (item: T) => string,
): Promise<KmsPage<T>> {
  const limit = Math.min(input.Limit ?? limitDefault, limitMax);
  const named = JSON.stringify([call.caller.accountId, ...listing]);
  const scope = createHash("sha256").update(named).digest("base64url").slice(0, 22);
  const rows = await read(positionIn(call, scope, input.Marker), limit + 1);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items, paging: { Truncated: false } };
  const NextMarker = encodePageToken({ scope, position: positionOf(last) }, call.pageTokenKey);
  return { items, paging: { Truncated: true, NextMarker } };
}

function positionIn(call: KmsCall, scope: string, marker: string | undefined): string {
  if (marker === undefined) return "";
  const token = decodePageToken(marker, call.pageTokenKey);
  if (token?.scope !== scope) throw jsonError("InvalidMarkerException", "Invalid marker");
  return token.position;
}
