import { compareKeys } from "./key-order.ts";
import { failed, type ListedObject, type ListPage, type ListRequest } from "./object-store.ts";
import { type SortOptions, sortListing } from "./sorted-listing.ts";

/** Brings a listing into UTF-8 byte order. */
export type InOrder = (
  request: Pick<ListRequest, "bucket">,
  pages: AsyncIterable<ListPage>,
) => AsyncIterable<ListPage>;

/** What a bucket's listings have shown. */
type Seen = Map<string, "ordered" | "disordered">;

/**
 * Orders the listings of a store that promises no order. Most stores list in order all the same, and
 * sorting costs that nothing is known before all is listed. So a bucket whose last long listing came
 * in order is taken at its word: its next one is passed on as it comes. Should that one be out of
 * order, it ends as `disordered`, and the bucket is sorted for good.
 */
export function createInOrder(options: SortOptions): InOrder {
  const seen: Seen = new Map();
  return ({ bucket }, pages) =>
    seen.get(bucket) === "ordered"
      ? held(seen, bucket, pages)
      : sortListing(watched(seen, bucket, pages, options.runObjectsMax), options);
}

/** Passes a listing on and learns from it, if it is so long that sorting it is dear. */
async function* watched(
  seen: Seen,
  bucket: string,
  pages: AsyncIterable<ListPage>,
  objectsMin: number,
): AsyncGenerator<ListPage> {
  const isInOrder = orderCheck();
  let count = 0;
  for await (const page of pages) {
    if (page.kind === "failed") return yield page;
    if (!isInOrder(page.objects)) seen.set(bucket, "disordered");
    count += page.objects.length;
    yield page;
  }
  if (count > objectsMin && !seen.has(bucket)) seen.set(bucket, "ordered");
}

async function* held(
  seen: Seen,
  bucket: string,
  pages: AsyncIterable<ListPage>,
): AsyncGenerator<ListPage> {
  const isInOrder = orderCheck();
  for await (const page of pages) {
    if (page.kind === "page" && !isInOrder(page.objects)) {
      seen.set(bucket, "disordered");
      const message = `Bucket "${bucket}" has listed in UTF-8 byte order before, and now does not.`;
      return yield failed("disordered", { bucket }, message);
    }
    yield page;
  }
}

/** Tells, page by page, whether a listing is strictly ascending. */
export function orderCheck(): (objects: readonly ListedObject[]) => boolean {
  let before: string | undefined;
  return (objects) =>
    objects.every(({ key }) => {
      const isAscending = before === undefined || compareKeys(before, key) < 0;
      before = key;
      return isAscending;
    });
}
