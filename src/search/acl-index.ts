// All access lists, turned around: from each name to the lists that it stands in. A viewer's names
// lead to the lists that matter to them; the others are not looked at.
import { type AccessList, type AclContent, principalKeys, type Subject } from "./access.ts";
import { addClass, type ClassSet, emptyClassSet, hasClass, removeClass } from "./class-set.ts";

/** The lists in which one name stands, as ids of classes that only grow. */
type Mentions = {
  /** Whoever has the name sees the class. */
  readonly opens: number[];
  /** Nobody sees the class without one of the names that it concerns; its tree decides. */
  readonly concerns: number[];
  readonly denies: number[];
};

/** Names by their numbers: those that one principal goes by; it matches with any of them. */
type Principal = readonly number[];

type Condition = { readonly isAll: boolean; readonly principals: readonly Principal[] };

/** An allow list whose conditions have to be looked at. */
type Tree = { readonly isAll: boolean; readonly conditions: readonly Condition[] };

/** What was decided before: classes up to `after`. */
type Known = { readonly before: ClassSet; readonly after: number };

const nothingKnown: Known = { before: emptyClassSet(0), after: 0 };

/** Every known access list. Classes are added in the order of their ids and never change. */
export class AclIndex {
  readonly #numbers = new Map<string, number>();
  /** By the name's number. */
  readonly #mentions: Mentions[] = [];
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

  /** The classes that a subject may see: those above `after` decided, the others as `before`. */
  visible(subject: Subject | "anonymous", { before, after }: Known = nothingKnown): ClassSet {
    const classes = emptyClassSet(this.#last);
    classes.set(before);
    addAbove(classes, this.#open, after);
    if (subject === "anonymous") return classes;
    const numbers: number[] = [];
    const held = new Uint8Array(this.#mentions.length);
    for (const key of subject) {
      const number = this.#numbers.get(key);
      if (number === undefined) continue;
      numbers.push(number);
      held[number] = 1;
    }
    const decided = emptyClassSet(this.#last);
    for (const number of numbers) {
      const { opens, concerns } = this.#mentionsOf(number);
      addAbove(classes, opens, after);
      for (let i = concerns.length - 1; i >= 0; i -= 1) {
        const id = concerns[i] ?? 0;
        if (id <= after) break;
        if (hasClass(decided, id)) continue;
        addClass(decided, id);
        if (isMetTree(this.#trees.get(id), held)) addClass(classes, id);
      }
    }
    // Last, so that one hit denies whatever was allowed.
    for (const number of numbers) {
      const { denies } = this.#mentionsOf(number);
      for (let i = denies.length - 1; i >= 0; i -= 1) {
        const id = denies[i] ?? 0;
        if (id <= after) break;
        removeClass(classes, id);
      }
    }
    return classes;
  }

  #addList(id: number, { allow, deny, dataSourceId }: AccessList): void {
    const tree: Tree = {
      isAll: allow.relation === "AND",
      conditions: allow.conditions.map(({ relation, principals }) => ({
        isAll: relation === "AND",
        principals: principals.map((one) => principalKeys(one, dataSourceId).map(this.#numberOf)),
      })),
    };
    const isAny = isAnyName(tree);
    if (!isAny) this.#trees.set(id, tree);
    for (const number of new Set(witnessesOf(tree))) {
      const { opens, concerns } = this.#mentionsOf(number);
      (isAny ? opens : concerns).push(id);
    }
    const denied = deny.flatMap((one) => principalKeys(one, dataSourceId).map(this.#numberOf));
    for (const number of new Set(denied)) this.#mentionsOf(number).denies.push(id);
  }

  readonly #numberOf = (key: string): number => {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#mentions.length;
      this.#numbers.set(key, number);
      this.#mentions.push({ opens: [], concerns: [], denies: [] });
    }
    return number;
  };

  #mentionsOf(number: number): Mentions {
    const mentions = this.#mentions[number];
    if (mentions === undefined) throw new Error(`There is no name with number ${number}.`);
    return mentions;
  }
}

/** Whether one matching name, whichever, is enough. */
function isAnyName({ isAll, conditions }: Tree): boolean {
  if (isAll && conditions.length > 1) return false;
  return conditions.every((one) => !one.isAll || one.principals.length === 1);
}

/** Names of which somebody has at least one if the tree lets them in. */
function witnessesOf({ isAll, conditions }: Tree): readonly number[] {
  const each = conditions.map((one) =>
    one.isAll ? (one.principals[0] ?? []) : one.principals.flat(),
  );
  if (!isAll) return each.flat();
  return each.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

function isMetTree(tree: Tree | undefined, held: Uint8Array): boolean {
  if (tree === undefined || tree.conditions.length === 0) return false;
  const matches = (principal: Principal): boolean => principal.some((number) => held[number] === 1);
  const isMet = ({ isAll, principals }: Condition): boolean => {
    if (principals.length === 0) return false;
    return isAll ? principals.every(matches) : principals.some(matches);
  };
  return tree.isAll ? tree.conditions.every(isMet) : tree.conditions.some(isMet);
}

/** From the end: of many classes, few are new. */
function addAbove(classes: ClassSet, ids: readonly number[], after: number): void {
  for (let i = ids.length - 1; i >= 0; i -= 1) {
    const id = ids[i] ?? 0;
    if (id <= after) return;
    addClass(classes, id);
  }
}
