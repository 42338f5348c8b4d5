import { lastDay, parseDayOfMonth, parseDayOfWeek, type DayTest } from "./schedule-days.ts";
import { parseValues, ScheduleError, type FieldRange } from "./schedule-field.ts";

const minutes: FieldRange = { name: "minute", min: 0, max: 59 };
const hours: FieldRange = { name: "hour", min: 0, max: 23 };
const months: FieldRange = {
  name: "month",
  min: 1,
  max: 12,
  names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
const years: FieldRange = { name: "year", min: 1970, max: 2199 };
const lengthMax = 998;

/** When a data source is synchronised by itself. */
export type Schedule = {
  /** First moment of the schedule after `after`, in UTC; undefined when none is left. */
  readonly nextRun: (after: Date) => Date | undefined;
};

/**
 * Reads a `syncSchedule`: six fields (minute, hour, day of month, month, day of week, year), with
 * or without `cron(…)` around them; the year may be left out. Exactly one of the two day fields
 * must be `?`. Rates are not supported. Source: "Schedule types in EventBridge Scheduler".
 *
 * @returns the schedule, undefined for an empty one (on demand), or why it cannot be read
 */
export function parseSchedule(text: string): Schedule | undefined | { readonly error: string } {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (trimmed.length > lengthMax) return { error: `longer than ${lengthMax} characters` };
  const wrapped = /^(?:cron)?\s*\(([^()]*)\)$/.exec(trimmed);
  const fields = (wrapped?.[1] ?? trimmed).trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    return { error: "a schedule has six fields: minute hour day-of-month month day-of-week year" };
  }
  try {
    return readFields(fields);
  } catch (error) {
    if (error instanceof ScheduleError) return { error: error.message };
    throw error;
  }
}

function readFields(fields: readonly string[]): Schedule {
  const [minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = "", year = "*"] = fields;
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new ScheduleError("exactly one of day of month and day of week must be ?");
  }
  const times: Times = {
    minutes: sorted(parseValues(minute, minutes)),
    hours: sorted(parseValues(hour, hours)),
    isDay: dayOfMonth === "?" ? parseDayOfWeek(dayOfWeek) : parseDayOfMonth(dayOfMonth),
    months: parseValues(month, months),
    years: parseValues(year, years),
  };
  return { nextRun: (after) => nextRun(times, after) };
}

type Times = {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly isDay: DayTest;
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
};

const sorted = (values: ReadonlySet<number>): readonly number[] =>
  [...values].sort((a, b) => a - b);

/** Goes through the days from `after` on: at most those of the years that a schedule can name. */
function nextRun(times: Times, after: Date): Date | undefined {
  const first = new Date(Math.max(after.getTime(), Date.UTC(years.min, 0, 1) - 1));
  for (let year = first.getUTCFullYear(); year <= years.max; year += 1) {
    if (!times.years.has(year)) continue;
    for (let month = 1; month <= 12; month += 1) {
      const last = lastDay({ year, month });
      if (!times.months.has(month) || Date.UTC(year, month - 1, last + 1) <= first.getTime())
        continue;
      for (let day = 1; day <= last; day += 1) {
        if (!times.isDay(day, { year, month })) continue;
        const run = firstOfDay(times, Date.UTC(year, month - 1, day), first.getTime());
        if (run !== undefined) return run;
      }
    }
  }
  return undefined;
}

function firstOfDay(times: Times, dayMs: number, afterMs: number): Date | undefined {
  for (const hour of times.hours) {
    for (const minute of times.minutes) {
      const runMs = dayMs + (hour * 60 + minute) * 60_000;
      if (runMs > afterMs) return new Date(runMs);
    }
  }
  return undefined;
}
