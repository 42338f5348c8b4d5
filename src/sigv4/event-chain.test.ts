import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { createEventSigner, createEventVerifier, encodeDateHeader } from "./event-chain.ts";
import type { SignedEvent } from "./event-chain.ts";
import { eventStreamPayload } from "./request.ts";
import { caller, check, later, now, scope, signedGet } from "./testing/requests.ts";
import { sign } from "./sign.ts";
import type { Seed } from "./verify.ts";

const headers = [
  ["host", "h"],
  ["x-amz-content-sha256", eventStreamPayload],
] as const;
const wire = { method: "POST", rawTarget: "/applications/a/conversations", headers } as const;
const { seed } = sign(wire, caller, { ...scope, now });

/** Signs payloads one second apart, the empty last frame included. */
function chain(payloads: readonly string[], from: Seed = seed): readonly SignedEvent[] {
  const signer = createEventSigner(from);
  return [...payloads, ""].map((text, index) =>
    signer.sign({ date: later(index + 0.123), payload: Buffer.from(text) }),
  );
}

/** What becomes of each frame, and whether the stream counts as whole. */
function run(events: readonly SignedEvent[], from: Seed = seed, at = now) {
  const verifier = createEventVerifier(from);
  const verdicts = events.map((event) => verifier.verify(event, at).ok);
  return { verdicts, isComplete: verifier.isComplete() };
}

test("a chain of frames is verified to its empty end", () => {
  assert.deepEqual(run(chain(["a", "b"])), { verdicts: [true, true, true], isComplete: true });
  assert.deepEqual(run(chain([])), { verdicts: [true], isComplete: true });
});

test("the seed that the server finds is the one that the client signed on", () => {
  const verdict = check(signedGet({ headers }));
  assert.ok(verdict.ok && verdict.isEventStream);
  const client = sign({ ...wire, method: "GET", rawTarget: "/applications?maxResults=5" }, caller, {
    ...scope,
    now,
  });
  assert.ok(run(chain(["a"], client.seed), verdict.seed).isComplete);
});

test("a stream without its empty last frame is cut off", () => {
  assert.equal(run(chain(["a", "b"]).slice(0, -1)).isComplete, false);
  assert.equal(createEventVerifier(seed).isComplete(), false);
});

test("nothing may follow the last frame", () => {
  const signer = createEventSigner(seed);
  const events = ["", "late", ""].map((text) =>
    signer.sign({ date: now, payload: Buffer.from(text) }),
  );
  assert.deepEqual(run(events), { verdicts: [true, false, false], isComplete: false });
});

test("after one refusal every frame is refused", () => {
  const [first, second, last] = chain(["a", "b"]);
  assert.ok(first && second && last);
  const bad = { ...second, payload: Buffer.from("B") };
  const { verdicts, isComplete } = run([first, bad, second, last]);
  assert.deepEqual(
    { verdicts, isComplete },
    { verdicts: [true, false, false, false], isComplete: false },
  );
});

test("frames cannot be dropped, doubled, moved or taken from another stream", () => {
  const [first, second, last] = chain(["a", "b"]);
  const other = chain(["a"], sign(wire, caller, { ...scope, now: later(1) }).seed)[0];
  assert.ok(first && second && last && other);
  for (const events of [
    [second],
    [last],
    [first, first],
    [first, last],
    [second, first],
    [other],
  ]) {
    assert.equal(run(events).verdicts.at(-1), false);
  }
});

test("no byte of a frame can change", () => {
  const flip = (bytes: Uint8Array, at: number): Uint8Array =>
    bytes.map((byte, index) => (index === at % bytes.length ? byte ^ (1 << (at % 8)) : byte));
  const part = fc.constantFrom("payload", "signature", "encodedDateHeader");
  fc.assert(
    fc.property(part, fc.nat(), (part, at) => {
      const [first] = chain(["some payload"]);
      assert.ok(first);
      const changed = { ...first, [part]: flip(first[part as "payload"], at) };
      assert.deepEqual(run([changed]).verdicts, [false]);
    }),
  );
});

test("the date beside the header must be the date in the header", () => {
  const [first] = chain(["a"]);
  assert.ok(first);
  assert.deepEqual(run([{ ...first, date: later(0.124) }]).verdicts, [false]);
  assert.deepEqual(run([{ ...first, date: later(0) }]).verdicts, [false]);
});

test("a frame 15 minutes off the clock is refused, in the words for requests", () => {
  const [first] = chain(["a"]);
  assert.ok(first);
  assert.ok(createEventVerifier(seed).verify(first, later(900)).ok);
  const late = createEventVerifier(seed).verify(first, later(901));
  assert.match(late.ok ? "" : late.refusal.message, /^Signature expired: 20260203T040506Z is now/);
  const early = createEventVerifier(seed).verify(first, later(-900));
  assert.match(early.ok ? "" : early.refusal.message, /^Signature not yet current: /);
  assert.equal(early.ok || early.refusal.code, "InvalidSignatureException");
});

test("a frame may carry any date at all without making verification fail", () => {
  const [first] = chain(["a"]);
  assert.ok(first);
  for (const time of [Number.NaN, 8.64e15, -8.64e15, 9e15, Infinity, -1, 0]) {
    assert.equal(
      createEventVerifier(seed).verify({ ...first, date: new Date(time) }, now).ok,
      false,
    );
  }
});

test("the scope stays the seed's past midnight", () => {
  const eve = new Date("2026-02-03T23:59:59Z");
  const night = sign(wire, caller, { ...scope, now: eve }).seed;
  const event = createEventSigner(night).sign({
    date: new Date("2026-02-04T00:00:01Z"),
    payload: new Uint8Array(),
  });
  assert.ok(run([event], night, new Date("2026-02-04T00:00:02Z")).isComplete);
});

test("a date header is name, type 8 and milliseconds in 15 bytes", () => {
  const bytes = encodeDateHeader(new Date(0x0102030405));
  assert.equal(bytes.toString("hex"), "053a64617465080000000102030405");
});

test("another key verifies nothing", () => {
  const signingKey = createSecretKey(Buffer.alloc(32));
  assert.deepEqual(run(chain(["a"]), { ...seed, signingKey }).verdicts, [false, false]);
});
