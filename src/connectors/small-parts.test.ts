import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { FailureKind } from "../objects/objects.ts";
import { charSet, complement, has, without } from "./char-set.ts";
import { failureCode } from "./failure-codes.ts";
import { requiredPermissions } from "./permissions.ts";
import { isDeletionHeld } from "./safeguard.ts";
import { cursorOf, limited, mergeOrdered } from "./streams.ts";
import { toArray } from "./plan-world.test.ts";

async function* streamOf<Item>(items: Iterable<Item>, ended?: () => void): AsyncGenerator<Item> {
  try {
    yield* items;
  } finally {
    ended?.();
  }
}

test("S15: the safeguard compares strictly, 0 keeps everything and 100 protects nothing", () => {
  const held = (scanned: number, toDelete: number, thresholdPercent = 15): boolean =>
    isDeletionHeld({ scanned, toDelete }, { isEnabled: true, thresholdPercent });
  assert.equal(held(85, 15), false);
  assert.equal(held(84, 15), true);
  assert.equal(held(0, 3), true);
  assert.equal(held(0, 3, 100), false);
  assert.equal(held(1_000_000, 1, 0), true);
  assert.equal(held(10, 0, 0), false);
  assert.equal(
    isDeletionHeld({ scanned: 0, toDelete: 3 }, { isEnabled: false, thresholdPercent: 0 }),
    false,
  );
});

test("failed accesses have the connector's codes", () => {
  const code = (kind: FailureKind, step: "bucket" | "aclFile" | "object"): string =>
    failureCode({ kind, bucket: "b", message: "" }, step);
  assert.equal(code("noSuchBucket", "bucket"), "S3-5101");
  assert.equal(code("wrongRegion", "bucket"), "S3-5101");
  assert.equal(code("noSuchKey", "aclFile"), "S3-5102");
  assert.equal(code("denied", "aclFile"), "S3-5102");
  assert.equal(code("unreachable", "bucket"), "S3-5110");
  assert.equal(code("timedOut", "aclFile"), "S3-5111");
  assert.equal(code("keyDenied", "object"), "S3-5200");
  assert.equal(code("archived", "object"), "S3-5200");
  assert.equal(code("encrypted", "object"), "S3-5201");
});

test("each step names the action, the resource and the context that a policy speaks of", () => {
  const where = { region: "eu-central-1", resourceAccount: "111122223333" };
  const [list] = requiredPermissions({ kind: "list", bucket: "kb", prefix: "hr/" }, where);
  assert.deepEqual(list, {
    action: "s3:ListBucket",
    resource: "arn:aws:s3:::kb",
    context: { "aws:ResourceAccount": "111122223333", "s3:prefix": "hr/" },
  });
  const [read] = requiredPermissions({ kind: "read", bucket: "kb", key: "a b*.txt" }, where);
  assert.deepEqual(read, {
    action: "s3:GetObject",
    resource: "arn:aws:s3:::kb/a b*.txt",
    context: { "aws:ResourceAccount": "111122223333" },
  });
  const kmsKeyArn = "arn:aws:kms:eu-central-1:111122223333:key/k";
  const [decrypt] = requiredPermissions(
    { kind: "decrypt", bucket: "kb", key: "a", kmsKeyArn },
    where,
  );
  assert.deepEqual(decrypt, {
    action: "kms:Decrypt",
    resource: kmsKeyArn,
    context: {
      "aws:ResourceAccount": "111122223333",
      "kms:ViaService": "s3.eu-central-1.amazonaws.com",
      "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::kb/a",
    },
  });
  const shared = { kind: "decrypt", bucket: "kb", key: "a", kmsKeyArn, isBucketKey: true } as const;
  const [withBucketKey] = requiredPermissions(shared, where);
  assert.equal(withBucketKey?.context["kms:EncryptionContext:aws:s3:arn"], "arn:aws:s3:::kb");
  const indexArn = "arn:aws:qbusiness:eu-central-1:111122223333:application/a/index/i";
  const actions = (["put", "delete"] as const).map(
    (kind) => requiredPermissions({ kind, indexArn }, where)[0]?.action,
  );
  assert.deepEqual(actions, ["qbusiness:BatchPutDocument", "qbusiness:BatchDeleteDocument"]);
});

test("limited work runs side by side up to the width, and a failure makes room as well", async () => {
  let running = 0;
  let most = 0;
  const work = limited(4, async (n: number): Promise<number> => {
    most = Math.max(most, (running += 1));
    await new Promise((done) => setTimeout(done, n % 3));
    running -= 1;
    if (n % 5 === 0) throw new Error("five");
    return n;
  });
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => work(n)));
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 16);
  assert.equal(most, 4);
});

test("a reader that stops early ends the streams it read from", async () => {
  const ended: string[] = [];
  const numbers = (name: string): AsyncGenerator<number[]> =>
    streamOf(
      Array.from({ length: 3000 }, (_, n) => [n]),
      () => ended.push(name),
    );
  for await (const _ of mergeOrdered(numbers("left"), numbers("right"), (a, b) => a - b)) break;
  const cursor = cursorOf(numbers("cursor"));
  await cursor.fill();
  assert.equal(cursor.head(), 0);
  await cursor.end();
  assert.deepEqual(ended.toSorted(), ["cursor", "left", "right"]);
});

test("two ordered streams merge to one ordered stream, however they are cut into batches", async () => {
  const lists = fc.array(fc.nat(20), { maxLength: 10 }).map((list) => list.sort((a, b) => a - b));
  const cut = (list: readonly number[], size: number): number[][] => {
    const batches: number[][] = [[]];
    for (let at = 0; at < list.length; at += size) batches.push(list.slice(at, at + size));
    return batches;
  };
  const law = async (left: number[], right: number[], size: number): Promise<void> => {
    const merged = mergeOrdered(
      streamOf(cut(left, size)),
      streamOf(cut(right, 3)),
      (a, b) => a - b,
    );
    assert.deepEqual(
      (await toArray(merged)).flat(),
      [...left, ...right].sort((a, b) => a - b),
    );
  };
  await fc.assert(fc.asyncProperty(lists, lists, fc.integer({ min: 1, max: 4 }), law), {
    numRuns: 100,
  });
});

test("a set of characters and its complement share none and hold all", () => {
  const range = fc
    .tuple(fc.nat(50), fc.nat(50))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  fc.assert(
    fc.property(fc.array(range, { maxLength: 5 }), fc.nat(60), (ranges, codePoint) => {
      const plain = ranges.some(([from, to]) => from <= codePoint && codePoint <= to);
      const set = charSet(ranges);
      assert.equal(has(set, codePoint), plain);
      assert.equal(has(complement(set), codePoint), !plain);
      assert.equal(has(without(set, codePoint), codePoint), false);
    }),
  );
});
