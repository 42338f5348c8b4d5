/** How a spreadsheet shows a number. */
export type NumberFormat = { readonly isDate: boolean; readonly isPercent: boolean };

// Built-in formats that are dates or times. Source: ECMA-376 part 1, "numFmt (Number Format)".
const dateFormats: readonly (readonly [number, number])[] = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
];
const dayMs = 86_400_000;
const daysMax = 2_958_466;
// Day 0 of the two calendars in days from 1970. The first counts a 29 February 1900 that never was.
const day1900 = -25_569;
const day1904 = -24_107;

/** Whether a number format shows a date or a time, by its number or its code. */
export function isDateFormat(id: number, code: string): boolean {
  if (dateFormats.some(([from, to]) => id >= from && id <= to)) return true;
  const bare = code.replace(/"[^"]*"|\[[^\]]*\]|\\./g, "").split(";")[0] ?? "";
  return /[ymdhs]/i.test(bare) && !/[#0?]/.test(bare.replace(/[ymdhs]+[^ymdhs]{0,3}0+/gi, ""));
}

/** The text of a number: dates as ISO, per cent as such, others without the noise of binary. */
export function formatCell(
  value: number,
  format: NumberFormat | undefined,
  is1904: boolean,
): string {
  if (!Number.isFinite(value)) return "";
  if (format?.isDate === true && value >= 0 && value < daysMax) return dateText(value, is1904);
  if (format?.isPercent === true) return `${tidy(value * 100)}%`;
  return tidy(value);
}

function tidy(value: number): string {
  return String(Number(value.toPrecision(15)));
}

function dateText(value: number, is1904: boolean): string {
  const seconds = Math.round((value % 1) * 86_400);
  const days = Math.floor(value) + (is1904 ? day1904 : day1900) + (!is1904 && value < 60 ? 1 : 0);
  const text = new Date(days * dayMs + seconds * 1000).toISOString();
  const time = text.slice(11, text.endsWith(":00.000Z") ? 16 : 19);
  // A number below one has no day, only a time.
  if (value < 1) return time;
  return seconds === 0 ? text.slice(0, 10) : `${text.slice(0, 10)} ${time}`;
}
