import { createHash } from "node:crypto";
import { decodePageToken, encodePageToken, queryError } from "../../wire/wire.ts";
import type { QueryCall } from "./query-operation.ts";

const maxItemsDefault = 100;

/** One page of a listing in the words of the API. */
export type QueryPage<T> = {
  readonly items: readonly T[];
  readonly paging: { readonly IsTruncated: boolean; readonly Marker?: string };
};

/** What every listing takes. */
export type PageInput = {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
};

/**
 * Reads a page: asks for one item more than fits, and closes the marker over the last one shown. A
 * marker belongs to the listing it came from: same action, same filters.
 *
 * @throws QueryError ValidationError for a marker of anything else.
 */
export async function readQueryPage<T>(
  call: QueryCall,
  { listing, input }: { readonly listing: readonly string[]; readonly input: PageInput },
  read: (after: string, limit: number) => Promise<readonly T[]>,
  positionOf: (item: T) => string,
): Promise<QueryPage<T>> {
  const limit = input.MaxItems ?? maxItemsDefault;
  const scope = scopeOf([call.caller.accountId, ...listing]);
  const rows = await read(positionIn(call, scope, input.Marker), limit + 1);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items, paging: { IsTruncated: false } };
  const Marker = encodePageToken({ scope, position: positionOf(last) }, call.pageTokenKey);
  return { items, paging: { IsTruncated: true, Marker } };
}

/** A page of a list that is short enough to be read whole. */
export function readPageOf<T>(
  call: QueryCall,
  request: { readonly listing: readonly string[]; readonly input: PageInput },
  all: readonly T[],
  positionOf: (item: T) => string,
): Promise<QueryPage<T>> {
  const sorted = all.toSorted((a, b) => (positionOf(a) < positionOf(b) ? -1 : 1));
  const read = async (after: string, limit: number): Promise<readonly T[]> =>
    sorted.filter((item) => positionOf(item) > after).slice(0, limit);
  return readQueryPage(call, request, read, positionOf);
}

/** Markers have room for 320 characters: a digest stands for filters of any length. */
function scopeOf(listing: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(listing)).digest("base64url").slice(0, 22);
}

function positionIn(call: QueryCall, scope: string, marker: string | undefined): string {
  if (marker === undefined) return "";
  const token = decodePageToken(marker, call.pageTokenKey);
  if (token?.scope !== scope) throw queryError("ValidationError", "Invalid Marker.");
  return token.position;
}
