// All access lists, turned around: from each name to the lists that it stands in. A viewer's names
// lead to the lists that matter to them; the others are not looked at.
import { type AccessList, type AclContent, principalKeys, type Subject } from "./access.ts";
import { AclTrees, type Tree } from "./acl-trees.ts";
import { addClass, type ClassSet, emptyClassSet, hasClass, removeClass } from "./class-set.ts";

/**
 * The lists in which one name stands, as slots with a role in the lowest bits. A slot is one content
 * of one class; slots only grow, and a class that is given other content moves on to a new one.
 */
type Mentions = number[];

const roleBits = 2;
const roleMask = 3;
const roles = {
  /** Whoever has the name sees the class. */
  opens: 0,
  /** Nobody sees the class without one of the names that it concerns; its tree decides. */
  concerns: 1,
  denies: 2,
} as const;

/** What was decided before: slots up to `after`. */
type Known = { readonly before: ClassSet; readonly after: number };

const nothingKnown: Known = { before: emptyClassSet(0), after: 0 };

/** Every known access list. */
export class AclIndex {
  readonly #numbers = new Map<string, number>();
  /** By the name's number. */
  readonly #mentions: Mentions[] = [];
  readonly #trees = new AclTrees();
  /** Of each slot whose tree has to be looked at, which that is. */
  readonly #treeOf: number[] = [0];
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
      this.#dead += 1;
    }
    // Ids may have gaps; an array with holes would be slower to read.
    while (this.#slotOf.length < id) this.#slotOf.push(0);
    this.#slotOf[id] = slot;
    this.#classOf.push(id);
    this.#treeOf.push(0);
    if (content === "public") this.#open.push(slot);
    else if (content !== undefined) this.#addList(slot, content);
  }

  /** The classes that a subject may see: those of slots above `after` decided, others as `before`. */
  visible(subject: Subject | "anonymous", { before, after }: Known = nothingKnown): ClassSet {
    const classes = emptyClassSet(Math.max(0, this.#slotOf.length - 1));
    classes.set(before);
    const classOf = this.#classOf;
    if (after > 0) {
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
    const classOf = this.#classOf;
    const numbers: number[] = [];
    const held = emptyClassSet(this.#mentions.length);
    for (const key of subject) {
      const number = this.#numbers.get(key);
      if (number === undefined) continue;
      numbers.push(number);
      addClass(held, number);
    }
    const decided = emptyClassSet(classOf.length);
    const denied: number[] = [];
    for (const number of numbers) {
      const mentions = this.#mentionsOf(number);
      for (let i = mentions.length - 1; i >= 0; i -= 1) {
        const mention = mentions[i] ?? 0;
        const slot = mention >>> roleBits;
        if (slot <= after) break;
        const role = mention & roleMask;
        if (role === roles.denies) {
          denied.push(slot);
          continue;
        }
        if (role === roles.concerns) {
          if (hasClass(decided, slot)) continue;
          addClass(decided, slot);
          if (!this.#trees.isMet(this.#treeOf[slot] ?? 0, held)) continue;
        }
        addClass(classes, classOf[slot] ?? 0);
      }
    }
    // Last, so that one hit denies whatever was allowed.
    for (const slot of denied) removeClass(classes, classOf[slot] ?? 0);
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
    if (!isAny) this.#treeOf[slot] = this.#trees.add(tree);
    this.#mention(slot, isAny ? roles.opens : roles.concerns, witnessesOf(tree));
    const denied = deny.flatMap((one) => principalKeys(one, dataSourceId).map(this.#numberOf));
    this.#mention(slot, roles.denies, denied);
  }

  #mention(slot: number, role: number, numbers: readonly number[]): void {
    for (const number of new Set(numbers)) {
      this.#mentionsOf(number).push((slot << roleBits) | role);
    }
  }

  readonly #numberOf = (key: string): number => {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#mentions.length;
      this.#numbers.set(key, number);
      this.#mentions.push([]);
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
