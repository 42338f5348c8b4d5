/** What counting asks of a document that was published, or failed. */
type Counted = {
  readonly outcome: object & { readonly isByEnrichment?: boolean };
  /** False where something newer overtook it. */
  readonly isCurrent: boolean;
};

/** What became of documents since the start of this process. */
export type IndexCounts = {
  readonly indexed: number;
  readonly failed: number;
  /** Among those that failed. */
  readonly failedByEnrichment: number;
};

/** Counts documents as they are published; see `IndexCounts`. */
export type IndexMetrics = {
  readonly note: (published: readonly Counted[]) => void;
  readonly counts: () => IndexCounts;
};

/** Starts counting at zero. */
export function createIndexMetrics(): IndexMetrics {
  let counts: IndexCounts = { indexed: 0, failed: 0, failedByEnrichment: 0 };
  return {
    note: (published) => {
      const kinds = published.filter(({ isCurrent }) => isCurrent).map(({ outcome }) => outcome);
      const count = (fits: (outcome: Counted["outcome"]) => boolean): number =>
        kinds.filter(fits).length;
      counts = {
        indexed: counts.indexed + count((outcome) => "chunks" in outcome),
        failed: counts.failed + count((outcome) => "errorCode" in outcome),
        failedByEnrichment:
          counts.failedByEnrichment + count((outcome) => outcome.isByEnrichment === true),
      };
    },
    counts: () => counts,
  };
}

/**
 * The counts under the names that the service gives its metrics ("Index metrics", Amazon Q Business
 * user guide), in the form of this server's others.
 */
export function indexGauges({ counts }: Pick<IndexMetrics, "counts">): readonly {
  readonly name: string;
  readonly help: string;
  readonly value: number;
}[] {
  const { indexed, failed, failedByEnrichment } = counts();
  return [
    {
      name: "quarry_documents_indexed",
      help: "DocumentsIndexed: documents indexed since the start.",
      value: indexed,
    },
    {
      name: "quarry_documents_failed_to_index",
      help: "DocumentsFailedToIndex: documents that could not be indexed since the start.",
      value: failed,
    },
    {
      name: "quarry_documents_failed_to_index_due_to_cde",
      help: "DocumentsFailedToIndexDueToCDE: those of them whose enrichment failed.",
      value: failedByEnrichment,
    },
  ];
}
