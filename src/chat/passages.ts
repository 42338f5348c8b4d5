/** A retrieved passage with what a source attribution says about its document. */
export type SourcePassage = {
  /** Same for all passages of one document; the chunk's place in it. */
  readonly documentKey: string | number;
  readonly ordinal: number;
  /** The whole chunk, as it was extracted. */
  readonly text: string;
  /** Headings above it, outermost first. */
  readonly headingPath: readonly string[];
  /** The engine's rank score: larger is better, of use only within one retrieval. */
  readonly score: number;
  readonly source: PassageSource;
};

/** The document of a passage, as clients are told of it. */
export type PassageSource = {
  readonly title: string;
  readonly url?: string;
  readonly updatedAt?: Date;
  readonly documentId: string;
  readonly indexId: string;
  /** Absent for documents that were put directly, without a data source. */
  readonly dataSourceId?: string;
};

/** How common a term is in the index. Terms are those of the search analyzer. */
export type TermStatistics = {
  /** Chunks in the index. */
  readonly chunks: number;
  /** Chunks that hold the term; 0 for an unknown one. */
  readonly chunksWith: (term: string) => number;
};

/** What one retrieval gives: best passages first. */
export type Retrieved = {
  readonly passages: readonly SourcePassage[];
  readonly statistics: TermStatistics;
};

/** `sourceAttributions[]` of the API, without the wire's names for times. */
export type SourceAttribution = {
  /** From 1, in order of first use. */
  readonly citationNumber: number;
  readonly title: string;
  readonly snippet: string;
  readonly url?: string;
  readonly updatedAt?: Date;
  readonly documentId: string;
  readonly indexId: string;
  readonly datasourceId?: string;
  readonly textMessageSegments: readonly TextSegment[];
};

/** A stretch of the final answer, in UTF-16 units, end exclusive, and what supports it. */
export type TextSegment = {
  readonly beginOffset: number;
  readonly endOffset: number;
  readonly snippetExcerpt: { readonly text: string };
};
