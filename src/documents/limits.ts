/** A megabyte of the published limits, here as in `maxFileSizeInMegaBytes` of a data source. */
export const megabyte = 1024 * 1024;

/** Limits of reading documents. Source: Amazon Q Business user guide, "Supported document formats". */
export const documentLimits = {
  /** Raw size of PDF, Word and PowerPoint files. */
  officeFileBytesMax: 500 * megabyte,
  /** Raw size of all other files. */
  otherFileBytesMax: 50 * megabyte,
  /** Extracted text of CSV and Excel files. */
  tableTextBytesMax: 10 * megabyte,
  /** Extracted text of all other files. */
  textBytesMax: 30 * megabyte,
  /** What a zip-based file may unpack to; ours, against decompression bombs. */
  unpackedBytesMax: 100_000_000,
  /** Unpacked size divided by packed size, looked at above `unpackedFreeBytes`; ours. */
  unpackedRatioMax: 200,
  unpackedFreeBytes: 20_000_000,
  zipEntriesMax: 20_000,
} as const;

/** Sizes of chunks in estimated tokens. */
export const chunkLimits = {
  /** A chunk below this goes on over a heading or a page break. */
  tokensMin: 120,
  /** A chunk is closed before the sentence that would carry it over this. */
  tokensTarget: 380,
  /** No chunk is ever larger. */
  tokensMax: 512,
  /** A sentence longer than this is not repeated at the start of the next chunk. */
  overlapTokensMax: 80,
  /** A table header longer than this is not repeated. */
  headerTokensMax: 120,
} as const;
