import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { AclTrees, type Tree } from "./acl-trees.ts";
import { addClass, type ClassSet, emptyClassSet } from "./class-set.ts";

const namesMax = 8;
const principal = fc.array(fc.nat(namesMax - 1), { maxLength: 2 });
const condition = fc.record({
  isAll: fc.boolean(),
  principals: fc.array(principal, { maxLength: 3 }),
});
const tree: fc.Arbitrary<Tree> = fc.record({
  isAll: fc.boolean(),
  conditions: fc.array(condition, { maxLength: 3 }),
});

/** The same by the words of the rules. */
function plainIsMet({ isAll, conditions }: Tree, held: ReadonlySet<number>): boolean {
  const matches = (names: readonly number[]): boolean => names.some((name) => held.has(name));
  const isMet = (one: Tree["conditions"][number]): boolean => {
    if (one.principals.length === 0) return false;
    return one.isAll ? one.principals.every(matches) : one.principals.some(matches);
  };
  if (conditions.length === 0) return false;
  return isAll ? conditions.every(isMet) : conditions.some(isMet);
}

function heldOf(names: readonly number[]): ClassSet {
  const held = emptyClassSet(namesMax);
  for (const name of names) addClass(held, name);
  return held;
}

test("trees that lie one after the other let in whom each of them lets in", () => {
  fc.assert(
    fc.property(
      fc.array(tree, { maxLength: 20 }),
      fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]),
      (all, names) => {
        const trees = new AclTrees();
        const places = all.map((one) => trees.add(one));
        const held = heldOf(names);
        const met = places.map((at) => trees.isMet(at, held));
        assert.deepEqual(
          met,
          all.map((one) => plainIsMet(one, new Set(names))),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("what was kept stays when there is no more room and it moves", () => {
  const trees = new AclTrees();
  const of = (name: number): Tree => ({
    isAll: false,
    conditions: [{ isAll: true, principals: [[name % namesMax], [(name + 1) % namesMax]] }],
  });
  const places = Array.from({ length: 5_000 }, (_, i) => trees.add(of(i)));
  const held = heldOf([3, 4]);
  const met = places.flatMap((at, i) => (trees.isMet(at, held) ? [i % namesMax] : []));
  assert.equal(met.length, 625);
  assert.deepEqual([...new Set(met)], [3]);
  for (const [i, at] of places.entries()) {
    assert.ok(trees.isMet(at, heldOf([i % namesMax, (i + 1) % namesMax])), `tree ${i}`);
  }
});
