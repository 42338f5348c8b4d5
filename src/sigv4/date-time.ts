/** Writes milliseconds since 1970 as `yyyymmddThhmmssZ`, dropping fractions of a second. */
export function formatDateTime(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  // Years beyond 0-9999 have no such form; only a message can come to show one.
  if (iso.length !== 24) return iso;
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

/**
 * Reads `yyyymmddThhmmssZ` or, as the `Date` header has it, `Sun, 30 Aug 2015 12:36:00 GMT`.
 * Gives milliseconds since 1970, or undefined for anything else, a 31st of February included.
 */
export function parseDateTime(text: string): number | undefined {
  if (text.length === 16) return parseBasic(text);
  if (text.length !== 29) return undefined;
  const timeMs = Date.parse(text);
  // Date.parse takes many forms; only the one that writes back the same is the RFC's.
  if (Number.isNaN(timeMs) || new Date(timeMs).toUTCString() !== text) return undefined;
  return timeMs;
}

function parseBasic(text: string): number | undefined {
  if (text[8] !== "T" || text[15] !== "Z") return undefined;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 4, 6), digits(text, 6, 8)];
  const [hour, minute, second] = [digits(text, 9, 11), digits(text, 11, 13), digits(text, 13, 15)];
  // Date.UTC takes years below 100 for the last century; nobody signed anything then.
  if (!(year >= 1000 && hour < 24 && minute < 60 && second < 60)) return undefined;
  const timeMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(timeMs);
  // It also rolls a 32nd over into the next month: such a day is no date.
  return date.getUTCDate() === day && date.getUTCMonth() === month - 1 ? timeMs : undefined;
}

function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
