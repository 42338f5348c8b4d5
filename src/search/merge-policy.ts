// When to merge what. Segments fall into tiers by size, each eight times the one below; eight
// of one tier become one of the next, so each chunk is rewritten only a few times in its life.

/** What the policy looks at. */
export type MergeCandidate = {
  readonly id: number;
  readonly chunks: number;
  readonly documents: number;
  /** Documents of the index that were deleted or replaced since; at most so many are dead in it. */
  readonly deadMax: number;
};

/** Numbers of the policy. */
export const mergePolicy = {
  segmentsPerTier: 8,
  /** Segments merged at once; bounds memory. */
  segmentsMax: 64,
  /** Larger segments are left alone but for their dead. */
  chunksMax: 1_000_000,
  smallestTierChunks: 512,
  /** A segment with a larger share of dead documents is written anew. */
  deadShareMax: 0.3,
  /** Below this many documents the tiers take care of the dead soon enough. */
  deadDocumentsMin: 1000,
} as const;

/** The tier of a segment with that many chunks. */
export function tierOf(chunks: number): number {
  const above = Math.max(1, chunks / mergePolicy.smallestTierChunks);
  return Math.ceil(Math.log(above) / Math.log(mergePolicy.segmentsPerTier));
}

/** The segments to merge next, or undefined where the index is tidy. */
export function chooseMerge(segments: readonly MergeCandidate[]): readonly number[] | undefined {
  const tiers = Map.groupBy(segments, ({ chunks }) => tierOf(chunks));
  for (const tier of [...tiers.keys()].sort((x, y) => x - y)) {
    const members = fitting(tiers.get(tier) ?? []);
    if (members.length >= mergePolicy.segmentsPerTier) return members.map(({ id }) => id);
  }
  const dying = segments.find(
    ({ documents, deadMax }) =>
      documents >= mergePolicy.deadDocumentsMin && deadMax > documents * mergePolicy.deadShareMax,
  );
  return dying && [dying.id];
}

/** As many as fit into one merge, smallest first. */
function fitting(members: readonly MergeCandidate[]): readonly MergeCandidate[] {
  const taken: MergeCandidate[] = [];
  let chunks = 0;
  for (const member of members.toSorted((x, y) => x.chunks - y.chunks)) {
    if (taken.length >= mergePolicy.segmentsMax) break;
    if (chunks + member.chunks > mergePolicy.chunksMax) break;
    chunks += member.chunks;
    taken.push(member);
  }
  return taken;
}
