import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import cases from "./schedule-cases.json" with { type: "json" };
import { parseSchedule, type Schedule } from "./schedule.ts";

function scheduleOf(text: string): Schedule {
  const schedule = parseSchedule(text);
  assert.ok(
    schedule !== undefined && "nextRun" in schedule,
    `${text}: ${JSON.stringify(schedule)}`,
  );
  return schedule;
}

test("schedules run next when the table says", () => {
  assert.ok(cases.next.length >= 26);
  for (const [text = "", after = "", next] of cases.next as (string | null)[][]) {
    const run = scheduleOf(text ?? "").nextRun(new Date(after ?? ""));
    const expected = next === null || next === undefined ? undefined : new Date(next);
    assert.deepEqual(run, expected, `${text} after ${after}`);
  }
});

test("what is no schedule is refused with a reason", () => {
  for (const text of [...cases.invalid, "0 ".repeat(600)]) {
    const schedule = parseSchedule(text);
    assert.ok(schedule !== undefined && "error" in schedule && schedule.error.length > 5, text);
  }
});

test("an empty schedule means on demand", () => {
  assert.equal(parseSchedule(""), undefined);
  assert.equal(parseSchedule("  "), undefined);
});

test("the next run is the first minute that a plain reading of the fields allows", () => {
  const field = (min: number, max: number) =>
    fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 });
  const minuteMs = 60_000;
  fc.assert(
    fc.property(
      field(0, 59),
      field(0, 23),
      field(1, 7),
      fc.integer({ min: 0, max: 400_000_000 }),
      (minutes, hours, days, seconds) => {
        const { nextRun } = scheduleOf(`${minutes.join()} ${hours.join()} ? * ${days.join()} *`);
        const after = Date.UTC(2026, 0, 1) + seconds * 1000;
        let at = Math.floor(after / minuteMs) * minuteMs + minuteMs;
        const isDue = (time: Date): boolean =>
          minutes.includes(time.getUTCMinutes()) &&
          hours.includes(time.getUTCHours()) &&
          days.includes(time.getUTCDay() + 1);
        while (!isDue(new Date(at))) at += minuteMs;
        assert.equal(nextRun(new Date(after))?.getTime(), at);
      },
    ),
    { numRuns: 30 },
  );
});

test("runs only move forward, and never twice to the same moment", () => {
  for (const [text] of cases.next as string[][]) {
    const { nextRun } = scheduleOf(text ?? "");
    let at: Date | undefined = new Date(Date.UTC(2026, 0, 1));
    for (let n = 0; n < 5 && at !== undefined; n += 1) {
      const next: Date | undefined = nextRun(at);
      assert.ok(next === undefined || next.getTime() > at.getTime(), text);
      at = next;
    }
  }
});
