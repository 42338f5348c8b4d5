import { anyChar, charSet, noSlash, type CharSet } from "./char-set.ts";
import { follow, step, type Machine, type Place, type State } from "./pattern-steps.ts";
import { PatternError, type PatternTree } from "./pattern-tree.ts";

const statesMax = 1_200;
const determinedMax = 4_000;
/** States and ways remembered for one pattern, before all are forgotten again. */
const rememberedMax = 20_000;

/**
 * Compiles a pattern to a test for whole texts. The test follows all paths through a finite
 * automaton at once (Thompson's construction), so its time is at most the length of the text
 * times the size of the pattern, whatever the pattern. Places of the automaton that were reached
 * once are remembered, which makes the usual case one look-up for each character.
 *
 * @throws PatternError when the pattern is too large
 */
export function compileTree(tree: PatternTree): (text: string) => boolean {
  const machine = build(tree);
  const marks = { seen: new Int32Array(machine.states.length), generation: 0 };
  // What an anchor does depends on the place in the text, so nothing can be remembered.
  const hasAnchor = machine.states.some((state) => state.kind === "assert");
  return hasAnchor ? anchoredTest(machine, marks) : rememberingTest(machine, marks);
}

type Marks = Parameters<typeof follow>[3];

function anchoredTest(machine: Machine, marks: Marks): (text: string) => boolean {
  return (text) => {
    const codePoints = Array.from(text, (char) => char.codePointAt(0) ?? 0);
    let active = follow(machine, [machine.start], { codePoints, at: 0 }, marks);
    for (let at = 0; at < codePoints.length && active.length > 0; at += 1) {
      const reached = step(machine, active, codePoints[at] ?? 0);
      active = follow(machine, reached, { codePoints, at: at + 1 }, marks);
    }
    return isEnd(machine, active);
  };
}

/** A place of the automaton: the states that are active there, and where characters lead. */
type Known = {
  readonly active: readonly number[];
  readonly isEnd: boolean;
  readonly nexts: Map<number, Known>;
};

function rememberingTest(machine: Machine, marks: Marks): (text: string) => boolean {
  const nowhere: Place = { codePoints: [], at: 0 };
  let places = new Map<string, Known>();
  let remembered = 0;
  const placeOf = (reached: readonly number[]): Known => {
    const active = follow(machine, reached, nowhere, marks);
    const name = active.join();
    const found = places.get(name);
    if (found !== undefined) return found;
    const place = { active, isEnd: isEnd(machine, active), nexts: new Map<number, Known>() };
    places.set(name, place);
    remembered += active.length;
    return place;
  };
  let start = placeOf([machine.start]);
  return (text) => {
    let place = start;
    for (let at = 0; at < text.length && place.active.length > 0; at += 1) {
      const codePoint = text.codePointAt(at) ?? 0;
      if (codePoint > 0xffff) at += 1;
      let next = place.nexts.get(codePoint);
      if (next === undefined) {
        next = placeOf(step(machine, place.active, codePoint));
        place.nexts.set(codePoint, next);
        remembered += 1;
      }
      place = next;
    }
    if (remembered > rememberedMax) {
      places = new Map();
      remembered = 0;
      start = placeOf([machine.start]);
    }
    return place.isEnd;
  };
}

function isEnd(machine: Machine, active: readonly number[]): boolean {
  return active.some((state) => machine.states[state]?.kind === "end");
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
      const { set, ignoresCase = false, isNegated = false } = tree;
      return push(states, { kind: "chars", set, ignoresCase, isNegated, next });
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
  const marks = { seen: new Int32Array(machine.states.length), generation: 0 };
  const close = (reached: readonly number[]): readonly number[] =>
    [...follow(machine, reached, { codePoints: [], at: 0 }, marks)].sort((a, b) => a - b);
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
    const nexts = isEnd(machine, set) ? [] : [next];
    return { nexts, at: push(states, { kind: "fork", nexts }) };
  });
  for (const [id, ways] of edges.entries()) {
    for (const [to, set] of ways.entries()) {
      const target = forks[to]?.at;
      if (set === undefined || target === undefined) continue;
      const chars: State = {
        kind: "chars",
        set: charSet(set),
        ignoresCase: false,
        isNegated: false,
        next: target,
      };
      forks[id]?.nexts.push(push(states, chars));
    }
  }
  return forks[0]?.at ?? next;
}

const slash = 0x2f;

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
  return pieces.filter(([from]) => from < end && from !== slash);
}
