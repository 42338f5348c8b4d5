/** Most characters of a key in Amazon S3. */
export const keyLengthMax = 1024;

/** Most bytes of one, in UTF-8. */
export const keyBytesMax = 1024;

/** Ends the key of every metadata file. */
export const metadataSuffix = ".metadata.json";

/**
 * Reads a path of the configuration as a key or key prefix: `a/b`, `/a/b` and `s3://bucket/a/b`
 * mean the same. All three spellings occur in the guide's examples.
 *
 * @returns undefined when the path names another bucket
 */
export function keyOfPath(path: string, bucket: string): string | undefined {
  const named = /^s3:\/\/([^/]*)\/?/.exec(path);
  if (named === null) return path.startsWith("/") ? path.slice(1) : path;
  return named[1] === bucket ? path.slice(named[0].length) : undefined;
}

/**
 * The key that a document's metadata file must have: beside the document, or, with a prefix, in
 * the tree below it, where the whole key of the document is repeated. The extension is part of the
 * name. Source: "Adding document metadata in Amazon S3".
 *
 * @returns undefined when such a key would be longer than any key can be
 * @example metadataKeyOf("a/b.pdf", "meta") // "meta/a/b.pdf.metadata.json"
 */
export function metadataKeyOf(documentKey: string, prefix: string | undefined): string | undefined {
  const key = `${metadataRoot(prefix)}${documentKey}${metadataSuffix}`;
  // A text has no more characters than units, and almost no key has as many.
  const isLong = key.length > keyLengthMax && [...key].length > keyLengthMax;
  return isLong ? undefined : key;
}

/** The metadata prefix with exactly one slash at its end; empty without one. */
export function metadataRoot(prefix: string | undefined): string {
  return prefix === undefined || prefix === "" ? "" : `${prefix.replace(/\/+$/, "")}/`;
}

/** The last segment of a key. */
export function baseName(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

/** Sorts prefixes and drops those that another one covers: what is left shares no key. */
export function disjointPrefixes(
  prefixes: readonly string[],
  compare: (a: string, b: string) => number,
): readonly string[] {
  const kept: string[] = [];
  for (const prefix of prefixes.toSorted(compare)) {
    const last = kept.at(-1);
    if (last === undefined || !prefix.startsWith(last)) kept.push(prefix);
  }
  return kept;
}
