import assert from "node:assert/strict";
import { test } from "node:test";
import { combine } from "./compile.ts";
import { evaluate } from "./evaluate.ts";
import { compiledSet, randomRequest, requestOf } from "./testing/compare.ts";
import type { PlainDocument, PlainPolicies, PlainStatement } from "./testing/plain-types.ts";
import { listOf } from "./testing/plain-values.ts";
import { type Dice, dice, randomPolicies, randomStatement } from "./testing/random.ts";

const cases = 800;

/** What each policy set answers to the same requests, as a number: more is more allowed. */
function ranks(sets: readonly PlainPolicies[], roll: Dice): readonly (readonly number[])[] {
  const requests = Array.from({ length: 6 }, () => requestOf(randomRequest(roll)));
  const order = ["explicitDeny", "implicitDeny", "allow"];
  return sets.map((plain) => {
    const policies = compiledSet(plain);
    return requests.map((request) => order.indexOf(evaluate(request, policies).decision));
  });
}

/** The set with one layer's documents changed. */
function changed(
  plain: PlainPolicies,
  layer: "identity" | "resource" | "boundary" | "session",
  change: (documents: readonly PlainDocument[]) => readonly PlainDocument[],
): PlainPolicies {
  const documents = plain[layer];
  return documents === undefined ? plain : { ...plain, [layer]: change(documents) };
}

const layers = ["identity", "resource", "boundary", "session"] as const;

test("adding a Deny never allows more", () => {
  const roll = dice(11);
  let different = 0;
  for (let count = 0; count < cases; count += 1) {
    const plain = randomPolicies(roll);
    const isTrust = listOf(plain.resource?.[0]?.Statement ?? []).some(
      (one) => one.Resource === undefined,
    );
    const layer = roll.oneOf(isTrust ? (["identity", "boundary"] as const) : layers);
    const kind = layer === "resource" ? "resource" : "identity";
    const deny = randomStatement(roll, { kind, effects: ["Deny"] });
    const document = { Version: "2012-10-17", Statement: [deny] };
    const [before = [], after = []] = ranks(
      [plain, changed(plain, layer, (documents) => [...documents, document])],
      roll,
    );
    for (const [at, rank] of after.entries()) {
      assert.ok(rank <= (before[at] ?? 0), JSON.stringify({ plain, deny }));
      if (rank < (before[at] ?? 0)) different += 1;
    }
  }
  assert.ok(different > 50, `only ${different} decisions changed`);
});

test("removing an Allow never allows more", () => {
  const roll = dice(12);
  let different = 0;
  for (let count = 0; count < cases; count += 1) {
    const plain = randomPolicies(roll);
    const drop = (documents: readonly PlainDocument[]): readonly PlainDocument[] =>
      documents.flatMap((document) => {
        const kept = listOf(document.Statement).filter(
          ({ Effect }) => Effect === "Deny" || roll.chance(50),
        );
        return kept.length === 0 ? [] : [{ ...document, Statement: kept }];
      });
    // A layer stays, be it empty: one that is absent is another situation, not fewer Allows.
    const less = layers.reduce<PlainPolicies>((set, layer) => changed(set, layer, drop), plain);
    const [before = [], after = []] = ranks([plain, less], roll);
    for (const [at, rank] of after.entries()) {
      assert.ok(rank <= (before[at] ?? 0), JSON.stringify({ plain, less }));
      if (rank < (before[at] ?? 0)) different += 1;
    }
  }
  assert.ok(different > 50, `only ${different} decisions changed`);
});

function shuffled<Item>(items: readonly Item[], roll: Dice): readonly Item[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = roll.below(at + 1);
    const [left, right] = [result[at], result[other]];
    if (left === undefined || right === undefined) continue;
    result[at] = right;
    result[other] = left;
  }
  return result;
}

test("order and splitting of statements never matter", () => {
  const roll = dice(13);
  for (let count = 0; count < cases; count += 1) {
    const plain = randomPolicies(roll);
    const apart = (documents: readonly PlainDocument[]): readonly PlainDocument[] =>
      documents.flatMap((document) =>
        listOf(document.Statement).map((statement): PlainDocument => ({
          ...document,
          Statement: statement,
        })),
      );
    const turned = (documents: readonly PlainDocument[]): readonly PlainDocument[] =>
      shuffled(documents, roll).map((document) => ({
        ...document,
        Statement: shuffled(listOf(document.Statement), roll),
      }));
    const all = (change: typeof turned): PlainPolicies =>
      layers.reduce<PlainPolicies>((set, layer) => changed(set, layer, change), plain);
    const [before, split, mixed] = ranks([plain, all(apart), all(turned)], roll);
    assert.deepEqual(split, before, JSON.stringify(plain));
    assert.deepEqual(mixed, before, JSON.stringify(plain));
  }
});

test("splitting a statement's lists never matters", () => {
  const roll = dice(14);
  const split = (statement: PlainStatement): readonly PlainStatement[] =>
    listOf(statement.Action ?? []).flatMap((Action) =>
      listOf(statement.Resource ?? []).map((Resource) => ({ ...statement, Action, Resource })),
    );
  for (let count = 0; count < cases; count += 1) {
    const plain = randomPolicies(roll);
    const apart = changed(plain, "identity", (documents) =>
      documents.map((document) => ({
        ...document,
        Statement: listOf(document.Statement).flatMap((one) =>
          one.Action !== undefined && one.Resource !== undefined ? split(one) : [one],
        ),
      })),
    );
    const [before, after] = ranks([plain, apart], roll);
    assert.deepEqual(after, before, JSON.stringify(plain));
  }
});

test("policies joined decide as policies apart", () => {
  const roll = dice(15);
  for (let count = 0; count < cases; count += 1) {
    const plain = randomPolicies(roll);
    const apart = compiledSet(plain);
    const identity = combine([apart.identity ?? []].flat());
    for (let more = 0; more < 6; more += 1) {
      const request = requestOf(randomRequest(roll));
      const joined = evaluate(request, { ...apart, identity });
      assert.equal(joined.decision, evaluate(request, apart).decision, JSON.stringify(plain));
    }
  }
});
