import { orderCheck } from "./listing-order.ts";
import {
  failed,
  type Failed,
  type ListedObject,
  type ListPage,
  type ListRequest,
} from "./object-store.ts";
import { bareEtag, ownerOf, sdk, type S3Access } from "./s3-access.ts";
import { readAnswerOf, type S3Listing } from "./s3-list-answer.ts";

/**
 * All pages of ListObjectsV2, each asked for while the one before it is worked on. Keys travel
 * percent-encoded, because XML cannot carry every character that a key may have; stores that ignore
 * the wish answer plainly.
 *
 * @param isSorted the store promises UTF-8 byte order, and breaking it fails the listing
 */
export async function* listS3(
  access: S3Access,
  request: ListRequest,
  isSorted: boolean,
): AsyncGenerator<ListPage> {
  // Ends the request for a page that nobody comes for.
  const left = new AbortController();
  const signals = request.signal === undefined ? [left.signal] : [request.signal, left.signal];
  const ahead = { ...request, signal: AbortSignal.any(signals) };
  const isInOrder = isSorted ? orderCheck() : () => true;
  try {
    let reading = readPage(access, ahead, undefined);
    for (let token: string | undefined; ;) {
      const answer = await reading;
      if ("kind" in answer) return yield answer;
      const objects = objectsOf(answer);
      if (objects === undefined) {
        const message = `Bucket "${request.bucket}" lists a key that is no UTF-8.`;
        return yield failed("badListing", request, message);
      }
      if (!isInOrder(objects)) {
        const message = `Bucket "${request.bucket}" does not list in UTF-8 byte order.`;
        return yield failed("badListing", request, message);
      }
      const { IsTruncated: isTruncated, NextContinuationToken: next } = answer;
      if (isTruncated !== true) return yield { kind: "page", objects };
      // A page that leads to itself, or a cut list without its rest, would end as a short listing.
      if (next === undefined || next === token) {
        const message = `Bucket "${request.bucket}" cut its listing and does not say where it goes on.`;
        yield { kind: "page", objects };
        return yield failed("badListing", request, message);
      }
      token = next;
      reading = readPage(access, ahead, next);
      // Waited for in the next round; until then a failure must not go unnoticed.
      reading.catch(() => undefined);
      yield { kind: "page", objects };
    }
  } finally {
    left.abort();
  }
}

function readPage(
  access: S3Access,
  request: ListRequest,
  token: string | undefined,
): Promise<S3Listing | Failed> {
  return access.run(request, async (signal) => {
    const [{ ListObjectsV2Command }, client] = await Promise.all([sdk(), access.client()]);
    const command = new ListObjectsV2Command({
      Bucket: request.bucket,
      Prefix: request.prefix,
      EncodingType: "url",
      ContinuationToken: token,
      ...ownerOf(request),
    });
    const listingOf = readAnswerOf(command);
    await client.send(command, { abortSignal: signal });
    return listingOf();
  });
}

function objectsOf(answer: S3Listing): readonly ListedObject[] | undefined {
  const isEncoded = answer.EncodingType === "url";
  const objects: ListedObject[] = [];
  for (const { Key, Size, ETag, LastModified, StorageClass } of answer.Contents ?? []) {
    const key = isEncoded ? decodeKey(Key ?? "") : Key;
    if (key === undefined || key === "") return undefined;
    const plain = StorageClass === undefined || StorageClass === "STANDARD";
    objects.push({
      key,
      sizeBytes: Size ?? 0,
      etag: bareEtag(ETag),
      lastModified: LastModified ?? new Date(0),
      ...(plain ? {} : { storageClass: StorageClass }),
    });
  }
  return objects;
}

/** Form encoding: a plus sign is a blank. */
function decodeKey(encoded: string): string | undefined {
  if (!encoded.includes("%") && !encoded.includes("+")) return encoded;
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
