// All access lists, turned around: from each name to the lists that it stands in. A viewer's names
// lead to the lists that matter to them; the others are not looked at.
import { type AccessList, type AclContent, principalKeys, type Subject } from "./access.ts";
import { addClass, type ClassSet, emptyClassSet, removeClass } from "./class-set.ts";

/** The lists in which one name stands, as ids of classes that only grow. */
type Mentions = {
  /** Whoever has the name sees the class. */
  readonly opens: number[];
  /** Whoever has the name may see the class: its tree decides. */
  readonly concerns: number[];
  readonly denies: number[];
};

/** An allow list whose conditions must be looked at: keys of principals, of conditions. */
type Tree = {
  readonly isAll: boolean;
  readonly conditions: readonly {
    readonly isAll: boolean;
    readonly principals: readonly (readonly string[])[];
  }[];
};

/** Every known access list. Classes are added in the order of their ids and never change. */
export class AclIndex {
  readonly #mentions = new Map<string, Mentions>();
  readonly #trees = new Map<number, Tree>();
  readonly #open: number[] = [];
  #last = 0;

  /** The highest id that was added, or passed over because nobody may see it. */
  get last(): number {
    return this.#last;
  }

  /** Adds a class; undefined for one that is not understood, which nobody sees. */
  add(id: number, content: AclContent | undefined): void {
    if (id <= this.#last) return;
    this.#last = id;
    if (content === "public") this.#open.push(id);
    else if (content !== undefined) this.#addList(id, content);
  }

  /** The classes above `after` that a subject may see, together with those of `before`. */
  visible(subject: Subject | "anonymous", { before, after }: Known = nothing): ClassSet {
    const classes = emptyClassSet(this.#last);
    classes.set(before);
    forEachAbove(this.#open, after, (id) => addClass(classes, id));
    if (subject === "anonymous") return classes;
    const held: Mentions[] = [];
    for (const key of subject) {
      const mentions = this.#mentions.get(key);
      if (mentions !== undefined) held.push(mentions);
    }
    const decided = new Set<number>();
    for (const { opens, concerns } of held) {
      forEachAbove(opens, after, (id) => addClass(classes, id));
      forEachAbove(concerns, after, (id) => {
        if (decided.has(id)) return;
        decided.add(id);
        if (holds(this.#trees.get(id), subject)) addClass(classes, id);
      });
    }
    // Last, so that one hit denies whatever was allowed.
    for (const { denies } of held) forEachAbove(denies, after, (id) => removeClass(classes, id));
    return classes;
  }

  #addList(id: number, { allow, deny, dataSourceId }: AccessList): void {
    const conditions = allow.conditions.map(({ relation, principals }) => ({
      isAll: relation === "AND",
      principals: principals.map((principal) => principalKeys(principal, dataSourceId)),
    }));
    const tree: Tree = { isAll: allow.relation === "AND", conditions };
    const isAny = isAnyName(tree);
    if (!isAny) this.#trees.set(id, tree);
    const allowed = new Set(conditions.flatMap(({ principals }) => principals.flat()));
    for (const key of allowed) {
      const { opens, concerns } = this.#mentionsOf(key);
      (isAny ? opens : concerns).push(id);
    }
    const denied = new Set(deny.flatMap((principal) => principalKeys(principal, dataSourceId)));
    for (const key of denied) this.#mentionsOf(key).denies.push(id);
  }

  #mentionsOf(key: string): Mentions {
    let mentions = this.#mentions.get(key);
    if (mentions === undefined) {
      mentions = { opens: [], concerns: [], denies: [] };
      this.#mentions.set(key, mentions);
    }
    return mentions;
  }
}

type Known = { readonly before: ClassSet; readonly after: number };
const nothing: Known = { before: emptyClassSet(0), after: 0 };

/** Whether one matching name, whichever, is enough. */
function isAnyName({ isAll, conditions }: Tree): boolean {
  if (isAll && conditions.length > 1) return false;
  return conditions.every((one) => !one.isAll || one.principals.length === 1);
}

function holds(tree: Tree | undefined, subject: Subject): boolean {
  if (tree === undefined || tree.conditions.length === 0) return false;
  const matches = (keys: readonly string[]): boolean => keys.some((key) => subject.has(key));
  const isMet = ({ isAll, principals }: Tree["conditions"][number]): boolean => {
    if (principals.length === 0) return false;
    return isAll ? principals.every(matches) : principals.some(matches);
  };
  return tree.isAll ? tree.conditions.every(isMet) : tree.conditions.some(isMet);
}

function forEachAbove(ids: readonly number[], after: number, run: (id: number) => void): void {
  // From the end: of many classes, few are new.
  for (let i = ids.length - 1; i >= 0; i -= 1) {
    const id = ids[i] ?? 0;
    if (id <= after) return;
    run(id);
  }
}
