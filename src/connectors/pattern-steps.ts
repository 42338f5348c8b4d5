import { has, type CharSet } from "./char-set.ts";

/** A state of the automaton of a pattern. */
export type State =
  | {
      readonly kind: "chars";
      readonly set: CharSet;
      readonly ignoresCase: boolean;
      readonly isNegated: boolean;
      readonly next: number;
    }
  | { readonly kind: "fork"; readonly nexts: number[] }
  | { readonly kind: "assert"; readonly at: string; readonly next: number }
  | { readonly kind: "end" };

/** The automaton of a pattern. */
export type Machine = { readonly states: readonly State[]; readonly start: number };

/** A place in a text. */
export type Place = { readonly codePoints: readonly number[]; readonly at: number };

/** All states that consume a character or end, reachable without consuming one. */
export function follow(
  machine: Machine,
  from: readonly number[],
  place: Place,
  marks: { readonly seen: Int32Array; generation: number },
): readonly number[] {
  const { seen } = marks;
  marks.generation += 1;
  const waiting = from.slice();
  const reached: number[] = [];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen[at] === marks.generation) continue;
    seen[at] = marks.generation;
    const state = machine.states[at];
    if (state?.kind === "fork") {
      for (const next of state.nexts) if (seen[next] !== marks.generation) waiting.push(next);
    } else if (state?.kind === "assert") {
      if (holds(state.at, place)) waiting.push(state.next);
    } else reached.push(at);
  }
  return reached;
}

/** The states behind those that consume the character. */
export function step(
  machine: Machine,
  active: readonly number[],
  codePoint: number,
): readonly number[] {
  const reached: number[] = [];
  for (const at of active) {
    const state = machine.states[at];
    if (state?.kind !== "chars") continue;
    const { set, ignoresCase, isNegated } = state;
    const isIn = has(set, codePoint) || (ignoresCase && hasFolded(set, codePoint));
    if (isIn !== isNegated) reached.push(state.next);
  }
  return reached;
}

function hasFolded(set: CharSet, codePoint: number): boolean {
  const char = String.fromCodePoint(codePoint);
  const lower = char.toLowerCase().codePointAt(0) ?? 0;
  return has(set, lower) || has(set, char.toUpperCase().codePointAt(0) ?? 0);
}

function holds(assertion: string, { codePoints, at }: Place): boolean {
  if (assertion === "start") return at === 0;
  if (assertion === "end") return at === codePoints.length;
  const isBoundary = isWord(codePoints[at - 1]) !== isWord(codePoints[at]);
  return isBoundary === (assertion === "word");
}

function isWord(codePoint: number | undefined): boolean {
  return codePoint !== undefined && /\w/.test(String.fromCodePoint(codePoint));
}
