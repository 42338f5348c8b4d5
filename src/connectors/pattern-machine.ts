import { anyChar, charSet, has, noSlash, type CharSet } from "./char-set.ts";
import { PatternError, type PatternTree } from "./pattern-tree.ts";

const statesMax = 2_000;
const determinedMax = 20_000;

type State =
  | { readonly kind: "chars"; set: CharSet; readonly ignoresCase: boolean; readonly next: number }
  | { readonly kind: "fork"; readonly nexts: number[] }
  | { readonly kind: "assert"; readonly at: string; readonly next: number }
  | { readonly kind: "end" };

type Machine = { readonly states: readonly State[]; readonly start: number };

/**
 * Compiles a pattern to a test for whole texts. The test follows all paths through a finite
 * automaton at once (Thompson's construction), so its time is at most the length of the text
 * times the size of the pattern, whatever the pattern.
 *
 * @throws PatternError when the pattern is too large
 */
export function compileTree(tree: PatternTree): (text: string) => boolean {
  const machine = build(tree);
  const marks = new Int32Array(machine.states.length);
  let generation = 0;
  return (text) => {
    const codePoints = Array.from(text, (char) => char.codePointAt(0) ?? 0);
    generation += 1;
    let active = follow(machine, [machine.start], { codePoints, at: 0 }, marks, generation);
    for (let at = 0; at < codePoints.length && active.length > 0; at += 1) {
      const reached = step(machine, active, codePoints[at] ?? 0);
      generation += 1;
      active = follow(machine, reached, { codePoints, at: at + 1 }, marks, generation);
    }
    return active.some((state) => machine.states[state]?.kind === "end");
  };
}

function build(tree: PatternTree): Machine {
  const states: State[] = [{ kind: "end" }];
  return { states, start: add(states, tree, 0) };
}

function push(states: State[], state: State): number {
  if (states.length >= statesMax) throw new PatternError("the pattern is too large");
  return states.push(state) - 1;
}

/** Adds the states of a tree in front of `next`; answers where they begin. */
function add(states: State[], tree: PatternTree, next: number): number {
  switch (tree.kind) {
    case "chars": {
      const { set, ignoresCase = false } = tree;
      return push(states, { kind: "chars", set, ignoresCase, next });
    }
    case "sequence":
      return tree.parts.reduceRight((after, part) => add(states, part, after), next);
    case "oneOf":
      return push(states, {
        kind: "fork",
        nexts: tree.parts.map((part) => add(states, part, next)),
      });
    case "repeat":
      return addRepeat(states, tree, next);
    case "not":
      return addComplement(states, build(tree.part), next);
    case "assert":
      return push(states, { kind: "assert", at: tree.at, next });
  }
}

function addRepeat(
  states: State[],
  { part, min, max }: { readonly part: PatternTree; readonly min: number; readonly max: number },
  next: number,
): number {
  let start = next;
  if (max === Infinity) {
    const nexts = [next];
    start = push(states, { kind: "fork", nexts });
    nexts.push(add(states, part, start));
  } else {
    for (let n = min; n < max; n += 1) {
      start = push(states, { kind: "fork", nexts: [add(states, part, start), next] });
    }
  }
  for (let n = 0; n < min; n += 1) {
    const before = start;
    start = add(states, part, start);
    // Nothing repeated is nothing; counting it out could take for ever.
    if (start === before) break;
  }
  return start;
}

/**
 * Adds an automaton for all texts without slash that `machine` refuses: its states are made
 * deterministic, then ending and not ending change places.
 */
function addComplement(states: State[], machine: Machine, next: number): number {
  const marks = new Int32Array(machine.states.length);
  let generation = 0;
  const close = (reached: readonly number[]): readonly number[] => {
    generation += 1;
    const nowhere = { codePoints: [], at: 0 };
    return [...follow(machine, reached, nowhere, marks, generation)].sort((a, b) => a - b);
  };
  const intervals = intervalsOf(machine);
  const sets = [close([machine.start])];
  const idOf = new Map([[String(sets[0]), 0]]);
  const edges: CharSet[][] = [];
  for (let id = 0; id < sets.length; id += 1) {
    const ways: CharSet[] = [];
    for (const interval of intervals) {
      const target = close(step(machine, sets[id] ?? [], interval[0]));
      const to = idOf.get(String(target)) ?? sets.push(target) - 1;
      idOf.set(String(target), to);
      ways[to] = [...(ways[to] ?? []), interval];
    }
    edges.push(ways);
    if (sets.length * intervals.length > determinedMax) {
      throw new PatternError("the negation is too large");
    }
  }
  const forks = sets.map((set) => {
    const isEnd = set.some((state) => machine.states[state]?.kind === "end");
    const nexts = isEnd ? [] : [next];
    return { nexts, at: push(states, { kind: "fork", nexts }) };
  });
  for (const [id, ways] of edges.entries()) {
    for (const [to, set] of ways.entries()) {
      const target = forks[to]?.at;
      if (set === undefined || target === undefined) continue;
      const chars: State = { kind: "chars", set: charSet(set), ignoresCase: false, next: target };
      forks[id]?.nexts.push(push(states, chars));
    }
  }
  return forks[0]?.at ?? next;
}

/** Cuts the code points but the slash into pieces that no state of the machine tells apart. */
function intervalsOf(machine: Machine): CharSet {
  const cuts = new Set<number>();
  for (const state of machine.states) {
    for (const [from, to] of state.kind === "chars" ? state.set : []) cuts.add(from).add(to + 1);
  }
  for (const [from, to] of noSlash) cuts.add(from).add(to + 1);
  const sorted = [...cuts].sort((a, b) => a - b);
  const end = (anyChar[0]?.[1] ?? 0) + 1;
  const pieces = sorted.map((from, at) => [from, (sorted[at + 1] ?? end) - 1] as const);
  return pieces.filter(([from]) => from < end && has(noSlash, from));
}

type Place = { readonly codePoints: readonly number[]; readonly at: number };

/** All states that consume a character or end, reachable without consuming one. */
function follow(
  machine: Machine,
  from: readonly number[],
  place: Place,
  marks: Int32Array,
  generation: number,
): readonly number[] {
  const waiting = [...from];
  const reached: number[] = [];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (marks[at] === generation) continue;
    marks[at] = generation;
    const state = machine.states[at];
    if (state?.kind === "fork") waiting.push(...state.nexts);
    else if (state?.kind === "assert") {
      if (holds(state.at, place)) waiting.push(state.next);
    } else reached.push(at);
  }
  return reached;
}

function step(machine: Machine, active: readonly number[], codePoint: number): readonly number[] {
  const reached: number[] = [];
  for (const at of active) {
    const state = machine.states[at];
    if (state?.kind !== "chars") continue;
    if (has(state.set, codePoint) || (state.ignoresCase && hasFolded(state.set, codePoint))) {
      reached.push(state.next);
    }
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
