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
 * Picks what to show: the best units, none twice, each with the sentence it points back to where
 * there is room. Best first.
 */
export function chooseUnits(candidates: readonly Candidate[]): readonly Candidate[] {
  const chosen: Candidate[] = [];
  const best = candidates[0]?.score ?? 0;
  for (const candidate of candidates) {
    if (chosen.length >= answerLimits.units) break;
    if (candidate.score < best - answerLimits.behind) break;
    if (chosen.some((other) => overlapOf(candidate, other) >= answerLimits.overlap)) continue;
    chosen.push(candidate);
    const before = precedingOf(candidate, candidates);
    if (before === undefined || chosen.length >= answerLimits.units) continue;
    if (!chosen.some((other) => overlapOf(before, other) >= answerLimits.overlap)) {
      chosen.push(before);
    }
  }
  return chosen;
}

function precedingOf(
  candidate: Candidate,
  candidates: readonly Candidate[],
): Candidate | undefined {
  const { passage, at, read } = candidate;
  if (read.unit.kind !== "sentence" || !pointsBack.test(read.unit.shown)) return undefined;
  return candidates.find(
    (other) =>
      other.passage === passage && other.at === at - 1 && other.read.unit.kind === "sentence",
  );
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
