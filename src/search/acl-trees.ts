// The allow lists whose conditions have to be looked at, as numbers one after the other: a question
// looks at thousands of them, and following objects through memory would take most of its time.
//
// A tree is the number of its conditions, and then for each: the number of its principals, where it
// ends, and for each principal the number of its names and the names. The lowest bit of the first
// two says whether all must hold.
import { type ClassSet, hasClass } from "./class-set.ts";

/** Names by their numbers: those that one principal goes by; it matches with any of them. */
export type Principal = readonly number[];

/** Principals of which one, or all, must match; without any it is not met. */
export type Condition = { readonly isAll: boolean; readonly principals: readonly Principal[] };

/** Conditions of which one, or all, must be met; without any nobody is let in. */
export type Tree = { readonly isAll: boolean; readonly conditions: readonly Condition[] };

const firstCapacity = 1024;

/** Trees, known by where they begin. They only grow in number. */
export class AclTrees {
  #pool = new Int32Array(firstCapacity);
  #length = 0;

  /** Keeps a tree; gives what it is known by. */
  add({ isAll, conditions }: Tree): number {
    const at = this.#length;
    this.#push(headOf(conditions.length, isAll));
    for (const condition of conditions) {
      this.#push(headOf(condition.principals.length, condition.isAll));
      const endAt = this.#length;
      this.#push(0);
      for (const names of condition.principals) {
        this.#push(names.length);
        for (const name of names) this.#push(name);
      }
      this.#pool[endAt] = this.#length;
    }
    return at;
  }

  /** Whether a tree lets in who has these names. */
  isMet(at: number, held: ClassSet): boolean {
    const pool = this.#pool;
    const head = pool[at] ?? 0;
    const isAll = isAllOf(head);
    const conditions = countOf(head);
    let next = at + 1;
    for (let i = 0; i < conditions; i += 1) {
      if (this.#isMetCondition(next, held) !== isAll) return !isAll;
      next = pool[next + 1] ?? 0;
    }
    return isAll && conditions > 0;
  }

  #isMetCondition(at: number, held: ClassSet): boolean {
    const pool = this.#pool;
    const head = pool[at] ?? 0;
    const isAll = isAllOf(head);
    const principals = countOf(head);
    let next = at + 2;
    for (let i = 0; i < principals; i += 1) {
      const end = next + 1 + (pool[next] ?? 0);
      let isHeld = false;
      for (let name = next + 1; name < end && !isHeld; name += 1) {
        isHeld = hasClass(held, pool[name] ?? 0);
      }
      if (isHeld !== isAll) return !isAll;
      next = end;
    }
    return isAll && principals > 0;
  }

  #push(value: number): void {
    if (this.#length === this.#pool.length) {
      const larger = new Int32Array(this.#pool.length * 2);
      larger.set(this.#pool);
      this.#pool = larger;
    }
    this.#pool[this.#length] = value;
    this.#length += 1;
  }
}

function headOf(count: number, isAll: boolean): number {
  return count * 2 + (isAll ? 1 : 0);
}

function countOf(head: number): number {
  return head >>> 1;
}

function isAllOf(head: number): boolean {
  return (head & 1) === 1;
}
