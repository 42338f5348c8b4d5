import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { addressOf, createLimiter, rates } from "./page-limits.ts";

function limiterAt(): { limiter: ReturnType<typeof createLimiter>; pass: (ms: number) => void } {
  let time = 0;
  return {
    limiter: createLimiter(() => new Date(time)),
    pass: (ms) => void (time += ms),
  };
}

test("a bucket gives its burst at once, then one by one", () => {
  const { limiter, pass } = limiterAt();
  const take = (): number => limiter.take("chatPerSession", "a");
  for (let taken = 0; taken < rates.chatPerSession.burst; taken += 1) assert.equal(take(), 0);
  assert.equal(take(), 3);
  pass(2000);
  assert.equal(take(), 1);
  pass(1001);
  assert.equal(take(), 0);
  assert.equal(take(), 3);
  pass(-10_000);
  assert.equal(take(), 3, "a clock that is set back neither gives nor takes");
});

test("buckets of others and of other rates are their own", () => {
  const { limiter } = limiterAt();
  for (let taken = 0; taken < 11; taken += 1) limiter.take("chatPerSession", "a");
  assert.ok(limiter.take("chatPerSession", "a") > 0);
  assert.equal(limiter.take("chatPerSession", "b"), 0);
  assert.equal(limiter.take("callPerSession", "a"), 0);
});

test("over any time no more is given than the burst and what came back", () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 200 });
  fc.assert(
    fc.property(pauses, (milliseconds) => {
      const { limiter, pass } = limiterAt();
      let given = 0;
      let total = 0;
      for (const pause of milliseconds) {
        pass(pause);
        total += pause;
        if (limiter.take("chatPerSession", "a") === 0) given += 1;
      }
      const { burst, perSecond } = rates.chatPerSession;
      assert.ok(given <= burst + (total / 1000) * perSecond + 1e-6);
    }),
  );
});

test("many visitors cost little memory, and those who come back are remembered", () => {
  const { limiter } = limiterAt();
  for (let visitor = 0; visitor < 30_000; visitor += 1) {
    limiter.take("chatPerSession", `visitor ${visitor}`);
    if (visitor % 1000 === 0) limiter.take("chatPerSession", "regular");
  }
  assert.ok(limiter.take("chatPerSession", "regular") > 0);
});

test("visitors are counted by their address, behind a proxy by the one it names", () => {
  const of = (remoteAddress: string, forwarded?: string): string =>
    addressOf({
      remoteAddress,
      headers: forwarded === undefined ? [] : [["x-forwarded-for", forwarded]],
    });
  assert.equal(of("203.0.113.5"), "203.0.113.5");
  assert.equal(of("::ffff:203.0.113.5"), "203.0.113.5");
  assert.equal(of("203.0.113.5", "198.51.100.1"), "203.0.113.5", "strangers may claim anything");
  assert.equal(of("127.0.0.1", "198.51.100.1, 203.0.113.9"), "203.0.113.9");
  assert.equal(of("10.2.3.4", " 203.0.113.9 "), "203.0.113.9");
  assert.equal(of("172.32.0.1", "203.0.113.9"), "172.32.0.1");
  assert.equal(of("127.0.0.1", ""), "127.0.0.1");
  assert.equal(of("2001:db8:1:2:a:b:c:d"), "2001:db8:1:2");
  assert.equal(of("2001:DB8::1"), "2001:db8:0:0");
  assert.equal(of("::1"), "0:0:0:0");
});
