import { bad, parseValue, parseValues, type FieldRange } from "./schedule-field.ts";

const days: FieldRange = { name: "day of month", min: 1, max: 31 };
const weekdays: FieldRange = {
  name: "day of week",
  min: 1,
  max: 7,
  names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

/** A month of the Gregorian calendar; `month` counts from 1. */
export type Month = { readonly year: number; readonly month: number };

/** Does a day of a month belong to the schedule? */
export type DayTest = (day: number, month: Month) => boolean;

/**
 * Reads the day of month: values, `L` (last day), `LW` (last weekday), `15W` (weekday nearest).
 *
 * @throws ScheduleError
 */
export function parseDayOfMonth(text: string): DayTest {
  const upper = text.toUpperCase();
  if (upper === "L") return (day, month) => day === lastDay(month);
  if (upper === "LW") return (day, month) => day === nearestWeekday(lastDay(month), month);
  const nearest = /^(\d{1,2})W$/.exec(upper);
  if (nearest === null) {
    const values = parseValues(text, days);
    return (day) => values.has(day);
  }
  const wanted = parseValue(nearest[1] ?? "", days);
  // A day that the month does not have is left out, not moved.
  return (day, month) => wanted <= lastDay(month) && day === nearestWeekday(wanted, month);
}

/**
 * Reads the day of week: values with 1 for Sunday, `L` (Saturday), `6L` (last Friday of the
 * month), `3#2` (second Tuesday).
 *
 * @throws ScheduleError
 */
export function parseDayOfWeek(text: string): DayTest {
  const upper = text.toUpperCase();
  if (upper === "L") return (day, month) => weekdayOf(day, month) === 7;
  const last = /^([1-7A-Z]{1,3})L$/.exec(upper);
  if (last !== null) {
    const wanted = parseValue(last[1] ?? "", weekdays);
    return (day, month) => weekdayOf(day, month) === wanted && day + 7 > lastDay(month);
  }
  if (upper.includes("#")) {
    const nth = /^([1-7A-Z]{1,3})#([1-5])$/.exec(upper);
    if (nth === null) throw bad(weekdays, text);
    const wanted = parseValue(nth[1] ?? "", weekdays);
    const week = Number(nth[2]);
    return (day, month) => weekdayOf(day, month) === wanted && Math.ceil(day / 7) === week;
  }
  const values = parseValues(text, weekdays);
  return (day, month) => values.has(weekdayOf(day, month));
}

/** The number of days in a month. */
export function lastDay({ year, month }: Month): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function weekdayOf(day: number, { year, month }: Month): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

/** The weekday nearest to a day, within its month. */
function nearestWeekday(day: number, month: Month): number {
  const weekday = weekdayOf(day, month);
  if (weekday === 7) return day === 1 ? 3 : day - 1;
  if (weekday === 1) return day === lastDay(month) ? day - 2 : day + 1;
  return day;
}
