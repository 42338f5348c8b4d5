// All access lists, turned around: from each name to the lists that it stands in. A viewer's names
// lead to the lists that matter to them; the others are not looked at.
import { type AccessList, type AclContent, principalKeys, type Subject } from "./access.ts";
import { addClass, type ClassSet, emptyClassSet, removeClass } from "./class-set.ts";

/**
 * The lists in which one name stands, as slots. A slot is one content of one class; slots only
 * grow, and a class that is given other content moves on to a new one.
 */
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

/** What was decided before: slots up to `after`. */
type Known = { readonly before: ClassSet; readonly after: number };

const nothingKnown: Known = { before: emptyClassSet(0), after: 0 };

/** Every known access list. */
export class AclIndex {
  readonly #numbers = new Map<string, number>();
  /** By the name's number. */
  readonly #mentions: Mentions[] = [];
  readonly #trees = new Map<number, Tree>();
  readonly #open: number[] = [];
  /** The class of each slot; 0, which is none, once the class has moved on. */
  readonly #classOf: number[] = [0];
  /** The slot of each class; 0 for ids that there are not. */
  readonly #slotOf: number[] = [];
  #dead = 0;

  /** The last slot: what was decided up to it need not be decided again. */
  get last(): number {
    return this.#classOf.length - 1;
  }

  /** Whether more of it speaks of what lists said before than of what they say. */
  get isWorn(): boolean {
    return this.#dead > 1_000 && this.#dead * 2 > this.#classOf.length;
  }

  /** Adds a class, or gives it other content; undefined where nobody understands, and sees, it. */
  put(id: number, content: AclContent | undefined): void {
    const slot = this.#classOf.length;
    const before = this.#slotOf[id] ?? 0;
    if (before !== 0) {
      this.#classOf[before] = 0;
      this.#trees.delete(before);
      this.#dead += 1;
    }
    // Ids may have gaps; an array with holes would be slower to read.
    while (this.#slotOf.length < id) this.#slotOf.push(0);
    this.#slotOf[id] = slot;
    this.#classOf.push(id);
    if (content === "public") this.#open.push(slot);
    else if (content !== undefined) this.#addList(slot, content);
  }

  /** The classes that a subject may see: those of slots above `after` decided, others as `before`. */
  visible(subject: Subject | "anonymous", { before, after }: Known = nothingKnown): ClassSet {
    const classes = emptyClassSet(Math.max(0, this.#slotOf.length - 1));
    classes.set(before);
    const classOf = this.#classOf;
    if (before.length > 1 || after > 0) {
      for (let slot = after + 1; slot < classOf.length; slot += 1) {
        removeClass(classes, classOf[slot] ?? 0);
      }
    }
    this.#openAll(classes, this.#open, after);
    if (subject !== "anonymous") this.#decide(classes, subject, after);
    // Slots that are not in use any more have written there.
    removeClass(classes, 0);
    return classes;
  }

  #decide(classes: ClassSet, subject: Subject, after: number): void {
    const numbers: number[] = [];
    const held = new Uint8Array(this.#mentions.length);
    for (const key of subject) {
      const number = this.#numbers.get(key);
      if (number === undefined) continue;
      numbers.push(number);
      held[number] = 1;
    }
    const decided = new Uint8Array(this.#classOf.length);
    for (const number of numbers) {
      const { opens, concerns } = this.#mentionsOf(number);
      this.#openAll(classes, opens, after);
      for (let i = concerns.length - 1; i >= 0; i -= 1) {
        const slot = concerns[i] ?? 0;
        if (slot <= after) break;
        if (decided[slot] === 1) continue;
        decided[slot] = 1;
        if (isMetTree(this.#trees.get(slot), held)) addClass(classes, this.#classOf[slot] ?? 0);
      }
    }
    // Last, so that one hit denies whatever was allowed.
    for (const number of numbers) {
      const { denies } = this.#mentionsOf(number);
      for (let i = denies.length - 1; i >= 0; i -= 1) {
        const slot = denies[i] ?? 0;
        if (slot <= after) break;
        removeClass(classes, this.#classOf[slot] ?? 0);
      }
    }
  }

  /** From the end: of many slots, few are new. */
  #openAll(classes: ClassSet, slots: readonly number[], after: number): void {
    const classOf = this.#classOf;
    for (let i = slots.length - 1; i >= 0; i -= 1) {
      const slot = slots[i] ?? 0;
      if (slot <= after) return;
      addClass(classes, classOf[slot] ?? 0);
    }
  }

  #addList(slot: number, { allow, deny, dataSourceId }: AccessList): void {
    const tree: Tree = {
      isAll: allow.relation === "AND",
      conditions: allow.conditions.map(({ relation, principals }) => ({
        isAll: relation === "AND",
        principals: principals.map((one) => principalKeys(one, dataSourceId).map(this.#numberOf)),
      })),
    };
    const isAny = isAnyName(tree);
    if (!isAny) this.#trees.set(slot, tree);
    for (const number of new Set(witnessesOf(tree))) {
      const { opens, concerns } = this.#mentionsOf(number);
      (isAny ? opens : concerns).push(slot);
    }
    const denied = deny.flatMap((one) => principalKeys(one, dataSourceId).map(this.#numberOf));
    for (const number of new Set(denied)) this.#mentionsOf(number).denies.push(slot);
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
