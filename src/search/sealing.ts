// Sealed content of an index: what is written is sealed last, what is read is opened first. For an
// application without a key nothing is touched or copied.
import { crc32 } from "node:zlib";
import type { ContentCipher } from "../core/content-cipher.ts";
import type { chunks, segments } from "../store/store.ts";
import type { CheckedBlob } from "./segment-builder.ts";

/** A published version of a document. */
export type DocumentVersion = {
  readonly indexId: string;
  readonly documentKey: number;
  readonly version: number;
};

/** Names of places, for the cipher. */
export const sealedPlace = {
  part: ({ segmentId, part }: { readonly segmentId: number; readonly part: number }): string =>
    `segment/${segmentId}/${part}`,
  page: (document: DocumentVersion, page: number): string => `${nameOf(document)}/page/${page}`,
  title: (document: DocumentVersion): string => `${nameOf(document)}/title`,
  attributes: (document: DocumentVersion): string => `${nameOf(document)}/attributes`,
};

function nameOf({ indexId, documentKey, version }: DocumentVersion): string {
  return `index/${indexId}/document/${documentKey}/${version}`;
}

/** Blobs of a segment as they are stored; the checksum is that of the stored bytes. */
export function sealParts(
  { keys, seal }: ContentCipher,
  segmentId: number,
  parts: readonly segments.SegmentPart[],
): readonly segments.SegmentPart[] {
  if (keys === undefined) return parts;
  return parts.map(({ part, data }) => {
    const sealed = seal(sealedPlace.part({ segmentId, part }), data);
    return { part, data: sealed, checksum: crc32(sealed) };
  });
}

/** As `sealParts`, for blobs that are numbered from 0. */
export function sealBlobs(
  cipher: ContentCipher,
  segmentId: number,
  blobs: readonly CheckedBlob[],
): readonly segments.SegmentPart[] {
  const parts = blobs.map((blob, part) => ({ ...blob, part }));
  return sealParts(cipher, segmentId, parts);
}

/** Published documents as they are stored. */
export function sealDocuments(
  cipher: ContentCipher,
  indexId: string,
  documents: readonly chunks.DocumentPages[],
): readonly chunks.DocumentPages[] {
  if (cipher.keys === undefined) return documents;
  return documents.map((document) => {
    const at = { ...document, indexId };
    return {
      ...document,
      title: cipher.sealText(sealedPlace.title(at), document.title),
      attributes: cipher.sealText(sealedPlace.attributes(at), document.attributes),
      pages: document.pages.map((data, page) => cipher.seal(sealedPlace.page(at, page), data)),
    };
  });
}

/**
 * The documents as they were before `sealDocuments`.
 *
 * @throws BrokenSealError
 */
export function openDocument(
  cipher: ContentCipher,
  indexId: string,
  document: chunks.DocumentPages,
): chunks.DocumentPages {
  if (cipher.keys === undefined) return document;
  const at = { ...document, indexId };
  return {
    ...document,
    title: cipher.openText(sealedPlace.title(at), document.title),
    attributes: cipher.openText(sealedPlace.attributes(at), document.attributes),
    pages: document.pages.map((data, page) => cipher.open(sealedPlace.page(at, page), data)),
  };
}
