import { decodePageToken, encodePageToken } from "../wire/wire.ts";
import type { Call } from "./call.ts";
import { invalid } from "./not-found.ts";

/** One page of a listing, and the token of the next. */
export type Page<T> = { readonly items: readonly T[]; readonly nextToken: string | undefined };

/**
 * Reads a page: opens the token, asks for one item more than fits, and closes the next token over
 * the position of the last item shown. A token belongs to the listing (`scope`) it came from.
 *
 * @throws ValidationException for a token that was altered or belongs to another listing.
 */
export async function readPage<T>(
  call: Call,
  request: {
    readonly scope: string;
    readonly nextToken: string | undefined;
    readonly maxResults: number | undefined;
    readonly maxResultsDefault: number;
  },
  read: (after: string | undefined, limit: number) => Promise<readonly T[]>,
  positionOf: (item: T) => string,
): Promise<Page<T>> {
  const limit = request.maxResults ?? request.maxResultsDefault;
  const rows = await read(positionIn(call, request), limit + 1);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const nextToken =
    rows.length > limit && last !== undefined
      ? encodePageToken({ scope: request.scope, position: positionOf(last) }, call.pageTokenKey)
      : undefined;
  return { items, nextToken };
}

function positionIn(
  call: Call,
  { scope, nextToken }: { readonly scope: string; readonly nextToken: string | undefined },
): string | undefined {
  if (nextToken === undefined) return undefined;
  const token = decodePageToken(nextToken, call.pageTokenKey);
  if (token === undefined || token.scope !== scope) {
    throw invalid("nextToken", "Member must be a token that this operation returned");
  }
  return token.position;
}
