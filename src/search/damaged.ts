/** Bytes in the database are not what was written. Never answered around: the caller must know. */
export class DamagedIndexError extends Error {
  override readonly name = "DamagedIndexError";

  /** The error for a thing that is damaged, which is named as the subject of a sentence. */
  static of(where: string, options?: ErrorOptions): DamagedIndexError {
    return new DamagedIndexError(`${where} is damaged. Rebuild the search index.`, options);
  }
}
