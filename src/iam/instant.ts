import { isDigits, parseDecimal } from "./decimal.ts";

/**
 * Milliseconds since 1970 of a date as IAM writes it: the W3C profile of ISO 8601 (a bare day is
 * its first instant in UTC, no offset means UTC) or epoch seconds. Undefined for anything else.
 *
 *     parseInstant("2026-11-21T12:00:00+01:00") === parseInstant("1795258800")
 */
export function parseInstant(text: string): number | undefined {
  if (text.length !== 4 && parseDecimal(text) !== undefined) return Number(text) * 1000;
  const [date = "", time, more] = text.split("T");
  if (more !== undefined) return undefined;
  const day = parseDay(date);
  if (day === undefined || time === undefined) return day;
  if (date.length !== 10) return undefined;
  const ofDay = parseTime(time);
  return ofDay === undefined ? undefined : day + ofDay;
}

function parseDay(text: string): number | undefined {
  const [year = "", month = "01", day = "01", more] = text.split("-");
  if (more !== undefined || year.length !== 4 || month.length !== 2 || day.length !== 2) {
    return undefined;
  }
  if (![year, month, day].every(isDigits)) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // The 31st of a month with 30 days rolls over; such a day does not exist.
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return exists ? date.getTime() : undefined;
}

/** `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s…`, with `Z` or an offset. */
function parseTime(text: string): number | undefined {
  const zoneAt = Math.max(text.indexOf("Z"), text.indexOf("+"), text.indexOf("-"));
  const clock = zoneAt < 0 ? text : text.slice(0, zoneAt);
  const offset = zoneAt < 0 ? 0 : parseOffset(text.slice(zoneAt));
  const [hour = "", minute = "", second = "00", more] = clock.split(":");
  const [whole = "", fraction = "0", rest] = second.split(".");
  if (more !== undefined || rest !== undefined || offset === undefined) return undefined;
  if (![hour, minute, whole].every((part) => part.length === 2 && isDigits(part))) return undefined;
  if (!isDigits(fraction) || Number(hour) > 23 || Number(minute) > 59 || Number(whole) > 60) {
    return undefined;
  }
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(`${whole}.${fraction}`);
  return seconds * 1000 - offset;
}

function parseOffset(text: string): number | undefined {
  if (text === "Z") return 0;
  const digits =
    text.length === 6 && text[3] === ":" ? text.slice(1, 3) + text.slice(4) : text.slice(1);
  if (digits.length !== 4 || !isDigits(digits)) return undefined;
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (text.startsWith("-") ? -minutes : minutes) * 60_000;
}
