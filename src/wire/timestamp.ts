const isoPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?)?$/;
const secondsMax = 8.64e12;

/**
 * Reads an ISO 8601 time with 0 to 9 fraction digits, kept to the millisecond; a time without a
 * zone, and a day without a time, are UTC. Undefined when it is none, or names a day or an hour
 * that does not exist.
 */
export function parseIsoTimestamp(text: string): Date | undefined {
  if (text.length > 40) return undefined;
  const match = isoPattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = ""] = match;
  const zone = match[8] ?? "Z";
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const time = new Date(`${local}.${fraction.slice(0, 3).padEnd(3, "0")}Z`);
  // The Date constructor rolls 30 February over into March.
  if (Number.isNaN(time.getTime()) || !time.toISOString().startsWith(local)) return undefined;
  if (zone === "Z") return time;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  const offsetMs = (hours * 60 + minutes) * 60_000;
  return new Date(time.getTime() + (zone.startsWith("-") ? offsetMs : -offsetMs));
}

/** Reads Unix seconds with a fraction, kept to the millisecond; undefined when out of range. */
export function fromEpochSeconds(seconds: number): Date | undefined {
  if (!(Math.abs(seconds) <= secondsMax)) return undefined;
  return new Date(Math.round(seconds * 1000));
}
