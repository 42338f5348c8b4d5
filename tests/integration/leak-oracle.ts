// What everybody may see at each moment, kept beside the server and asked of the plain evaluator.
// Every version of every document has words of its own; whoever is told one of them must have been
// admitted to that version at some moment while they asked.
import {
  plainAccess,
  type PlainList,
  type PlainPlace,
  type PlainStore,
} from "./principals-plain.ts";
import type { Person } from "./leak-server.ts";

/** A version of a document together with its list. */
export type Pair = {
  readonly version: number;
  readonly list: PlainList;
  readonly guard?: Guard;
};

/** The list of a newer version that cannot become a document: it has to admit as well. */
export type Guard = {
  readonly list: PlainList;
  /** It is that of a rule of the ACL file, and goes on following it. */
  readonly isRule: boolean;
};

type Span = { readonly from: number; to: number };
type StoreSpan = Span & { readonly store: PlainStore };
type PairSpan = Span & Pair;

/** One document: where it lies, and what of it may have answered questions when. */
type Told = { readonly place: PlainPlace; readonly spans: PairSpan[] };

/** The word by which a version, or with version 0 the document itself, is recognised. */
export const canary = (seed: number, document: number, version: number): string =>
  `zq${seed.toString(36)}x${document.toString(36)}x${version.toString(36)}qz`;

const canaries = /zq([0-9a-z]+)x([0-9a-z]+)x([0-9a-z]+)qz/g;

/** The history of one simulated world. */
export class Oracle {
  readonly #seed: number;
  readonly #documents = new Map<number, Told>();
  readonly #stores: StoreSpan[];
  #now = 1;

  constructor(seed: number, store: PlainStore) {
    this.#seed = seed;
    this.#stores = [{ store, from: 0, to: Infinity }];
  }

  /** The next moment. */
  tick(): number {
    this.#now += 1;
    return this.#now;
  }

  /** The user store becomes another one between now and `end`, which the result is to be told. */
  storeBecomes(store: PlainStore): () => void {
    const before = this.#stores.at(-1);
    this.#stores.push({ store, from: this.tick(), to: Infinity });
    return () => {
      if (before !== undefined) before.to = this.tick();
    };
  }

  get store(): PlainStore {
    return this.#stores.at(-1)?.store ?? { users: [], groups: [] };
  }

  /** From now on a document may answer as any of these; `only`: as nothing else. */
  mayBe(
    document: number,
    place: PlainPlace,
    pairs: readonly Pair[],
    { only }: { readonly only: boolean },
  ): void {
    const told = this.#documents.get(document) ?? { place, spans: [] };
    this.#documents.set(document, told);
    const at = this.tick();
    const textOf = ({ version, list, guard }: Pair): string =>
      JSON.stringify([version, list, guard]);
    const isSame = (one: Pair, other: Pair): boolean => textOf(one) === textOf(other);
    const open = told.spans.filter(({ to }) => to === Infinity);
    for (const span of open) {
      if (only && !pairs.some((pair) => isSame(pair, span))) span.to = at;
    }
    for (const pair of pairs) {
      if (open.some((span) => isSame(span, pair))) continue;
      told.spans.push({ ...pair, from: at, to: Infinity });
    }
  }

  /** What a document may answer as now. */
  pairsOf(document: number): readonly Pair[] {
    const spans = this.#documents.get(document)?.spans ?? [];
    return spans
      .filter(({ to }) => to === Infinity)
      .map(({ version, list, guard }) => ({ version, list, ...(guard && { guard }) }));
  }

  /** Documents that a person must be able to find now, and those that they may. */
  visible(person: Person): { readonly must: readonly number[]; readonly may: readonly number[] } {
    const may: number[] = [];
    const must: number[] = [];
    for (const [document, { place }] of this.#documents) {
      const pairs = this.pairsOf(document);
      const seen = pairs.filter((pair) => admits(pair, { store: this.store, place, person }));
      if (seen.length > 0) may.push(document);
      if (pairs.length === 1 && seen.length === 1) must.push(document);
    }
    return { must, may };
  }

  /** The words in what somebody, as any of these, was told that they must not have been told. */
  leaks(
    told: string,
    anyOf: readonly Person[],
    asked: { readonly from: number; readonly own?: string },
  ): readonly string[] {
    const to = this.tick();
    const found = new Set<string>();
    for (const [word, seed = "", document = "", version = ""] of told.matchAll(canaries)) {
      if (asked.own?.includes(word) === true) continue;
      const isOurs = Number.parseInt(seed, 36) === this.#seed;
      const numbers = [Number.parseInt(document, 36), Number.parseInt(version, 36)] as const;
      const during = { from: asked.from, to };
      const mayKnow = anyOf.some((person) => this.#mayKnow(numbers, person, during));
      if (!isOurs || !mayKnow) found.add(word);
    }
    return [...found];
  }

  #mayKnow([document, version]: readonly [number, number], person: Person, during: Span): boolean {
    const told = this.#documents.get(document);
    if (told === undefined) return false;
    return told.spans
      .filter((span) => version === 0 || span.version === version)
      .some((span) =>
        this.#stores.some(
          (one) =>
            overlap(span, one, during) &&
            admits(span, { store: one.store, place: told.place, person }),
        ),
      );
  }
}

function admits(
  { list, guard }: Pair,
  to: { readonly store: PlainStore; readonly place: PlainPlace; readonly person: Person },
): boolean {
  const { store, place, person } = to;
  const lists = guard === undefined ? [list] : [list, guard.list];
  return lists.every((one) => plainAccess(store, place, one, person));
}

/** Whether there is a moment that is in all of them. */
function overlap(...spans: readonly Span[]): boolean {
  return Math.max(...spans.map(({ from }) => from)) <= Math.min(...spans.map(({ to }) => to));
}
