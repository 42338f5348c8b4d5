import { tokenize } from "./words.ts";
import type { Candidate } from "./rank.ts";

/** Limits of an extracted answer. */
export const answerLimits = {
  units: 3,
  /** Two units that share this much of the shorter one's words say the same thing. */
  overlap: 0.7,
  /** Log-odds below the best unit at which another is more likely to distract than to help. */
  behind: 4,
} as const;

// Without the sentence before it, such a sentence does not say what it is about.
const pointsBack =
  /^(?:it|its|this|these|they|their|those|that|such|he|she|his|her|both|otherwise|however)\b/i;

/**
 * Picks what to show: the best units, none twice, each with the neighbour it needs (what "it"
 * stands for, what a question or a colon leads up to) where there is room. Best first.
 */
export function chooseUnits(candidates: readonly Candidate[]): readonly Candidate[] {
  const chosen: Candidate[] = [];
  const best = candidates[0]?.score ?? 0;
  for (const candidate of candidates) {
    if (chosen.length >= answerLimits.units) break;
    if (candidate.score < best - answerLimits.behind) break;
    if (chosen.some((other) => overlapOf(candidate, other) >= answerLimits.overlap)) continue;
    chosen.push(candidate);
    const needed = companionOf(candidate, candidates);
    if (needed === undefined || chosen.length >= answerLimits.units) continue;
    if (!chosen.some((other) => overlapOf(needed, other) >= answerLimits.overlap)) {
      chosen.push(needed);
    }
  }
  return chosen;
}

/** The unit without which a chosen one says too little: the one it points back or leads up to. */
function companionOf(
  { passage, at, read: { unit } }: Candidate,
  candidates: readonly Candidate[],
): Candidate | undefined {
  const neighbour = (place: number): Candidate | undefined =>
    candidates.find((other) => other.passage === passage && other.at === place);
  if (/[?:]["'”’)]?$/.test(unit.shown)) {
    const after = neighbour(at + 1);
    return after?.read.unit.kind === "code" ? undefined : after;
  }
  if (unit.kind !== "sentence" || !pointsBack.test(unit.shown)) return undefined;
  const before = neighbour(at - 1);
  return before?.read.unit.kind === "sentence" ? before : undefined;
}

/** The share of the smaller unit's words that the other has too. */
function overlapOf(a: Candidate, b: Candidate): number {
  const [small, large] = [contentOf(a), contentOf(b)].sort((x, y) => x.size - y.size);
  if (small === undefined || large === undefined || small.size === 0) return 0;
  let shared = 0;
  for (const term of small) if (large.has(term)) shared += 1;
  return shared / small.size;
}

function contentOf({ read }: Candidate): ReadonlySet<string> {
  const content = tokenize(read.unit.shown).filter(({ isStopWord }) => !isStopWord);
  return new Set(content.map(({ term }) => term));
}
