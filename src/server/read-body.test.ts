import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { ApiError } from "../wire/wire.ts";
import { createBodyBudget, readBody } from "./read-body.ts";

const mebibyte = 1024 * 1024;

function read(
  chunks: readonly Buffer[],
  options: Partial<Parameters<typeof readBody>[1]> = {},
  body = Readable.from(chunks, { objectMode: false }),
) {
  const budget = createBodyBudget(100 * mebibyte);
  return readBody(body, {
    sizeBytesMax: 2 * mebibyte,
    declaredBytes: undefined,
    budget,
    ...options,
  });
}

function isRefusal(name: string): (error: unknown) => boolean {
  return (error) => error instanceof ApiError && error.name === name;
}

test("a body is read whole, in one piece or many", async () => {
  assert.equal((await read([])).bytes.length, 0);
  assert.equal((await read([Buffer.from("heron")])).bytes.toString(), "heron");
  const many = Array.from({ length: 1000 }, (_, n) => Buffer.from(`${n},`));
  assert.equal((await read(many)).bytes.toString(), many.join(""));
});

test("a declared size of zero reads nothing", async () => {
  const body = Readable.from([Buffer.from("unread")]);
  assert.equal((await read([], { declaredBytes: 0 }, body)).bytes.length, 0);
  assert.equal(body.readableDidRead, false);
});

test("a body of exactly the limit is taken, one byte more is not", async () => {
  const whole = Buffer.alloc(2 * mebibyte);
  assert.equal((await read([whole])).bytes.length, whole.length);
  await assert.rejects(
    read([whole, Buffer.from("x")]),
    isRefusal("RequestEntityTooLargeException"),
  );
  const declared = { declaredBytes: 2 * mebibyte + 1 };
  await assert.rejects(read([], declared), isRefusal("RequestEntityTooLargeException"));
});

test("a refused body is not destroyed, so that its sender still gets the answer", async () => {
  const body = Readable.from([Buffer.alloc(mebibyte), Buffer.alloc(mebibyte), Buffer.alloc(1)], {
    objectMode: false,
  });
  await assert.rejects(read([], { sizeBytesMax: mebibyte }, body));
  assert.equal(body.destroyed, false);
  body.destroy();
});

test("all bodies share one budget, which comes back when they are released or refused", async () => {
  const budget = createBodyBudget(3 * mebibyte);
  const two = Buffer.alloc(2 * mebibyte);
  const first = await read([two], { budget });
  await assert.rejects(read([two], { budget }), isRefusal("ThrottlingException"));
  const small = await read([Buffer.alloc(mebibyte)], { budget });
  first.release();
  small.release();
  const again = await read([two], { budget });
  await assert.rejects(
    read([Buffer.alloc(mebibyte), Buffer.alloc(1)], { budget, sizeBytesMax: mebibyte }),
    isRefusal("RequestEntityTooLargeException"),
  );
  const last = await read([Buffer.alloc(mebibyte)], { budget });
  again.release();
  last.release();
  assert.equal(budget.take(3 * mebibyte), true);
  assert.equal(budget.take(1), false);
});

test("a sender that goes away in the middle gives its budget back", async () => {
  const budget = createBodyBudget(mebibyte);
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(1000);
    throw new Error("gone");
  }
  await assert.rejects(read([], { budget }, Readable.from(broken())), /gone/);
  assert.equal(budget.take(mebibyte), true);
});
