import type { ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { compareKeys } from "./key-order.ts";
import {
  failed,
  type Failed,
  type ListedObject,
  type ListPage,
  type ListRequest,
} from "./object-store.ts";
import { bareEtag, ownerOf, sdk, type S3Access } from "./s3-access.ts";

/**
 * All pages of ListObjectsV2. Keys travel percent-encoded, because XML cannot carry every
 * character that a key may have; stores that ignore the wish answer plainly.
 *
 * @param isSorted the store promises UTF-8 byte order, and breaking it fails the listing
 */
export async function* listS3(
  access: S3Access,
  request: ListRequest,
  isSorted: boolean,
): AsyncGenerator<ListPage> {
  let token: string | undefined;
  let before: string | undefined;
  do {
    const answer = await readPage(access, request, token);
    if ("kind" in answer) return yield answer;
    const objects = objectsOf(answer);
    if (objects === undefined) {
      return yield failed(
        "badListing",
        request,
        `Bucket "${request.bucket}" lists a key that is no UTF-8.`,
      );
    }
    for (const { key } of isSorted ? objects : []) {
      if (before !== undefined && compareKeys(key, before) <= 0) {
        const message = `Bucket "${request.bucket}" does not list in UTF-8 byte order.`;
        return yield failed("badListing", request, message);
      }
      before = key;
    }
    yield { kind: "page", objects };
    const next = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
    // A page that leads to itself, or a cut list without its rest, would end as a short listing.
    if (answer.IsTruncated === true && (next === undefined || next === token)) {
      const message = `Bucket "${request.bucket}" cut its listing and does not say where it goes on.`;
      return yield failed("badListing", request, message);
    }
    token = next;
  } while (token !== undefined);
}

function readPage(
  access: S3Access,
  request: ListRequest,
  token: string | undefined,
): Promise<ListObjectsV2CommandOutput | Failed> {
  return access.run(request, async (signal) => {
    const [{ ListObjectsV2Command }, client] = await Promise.all([sdk(), access.client()]);
    const command = new ListObjectsV2Command({
      Bucket: request.bucket,
      Prefix: request.prefix,
      EncodingType: "url",
      ContinuationToken: token,
      ...ownerOf(request),
    });
    return await client.send(command, { abortSignal: signal });
  });
}

function objectsOf(answer: ListObjectsV2CommandOutput): readonly ListedObject[] | undefined {
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
