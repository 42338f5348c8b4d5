/** One field of a schedule: the values it allows. */
export type FieldRange = {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of values, the first for `min`. */
  readonly names?: readonly string[];
};

/** A field that cannot be read; the message says why. */
export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
}

/**
 * Reads `*`, single values, ranges, steps and lists of them.
 *
 * @throws ScheduleError
 * @example parseValues("1-5/2,9", { name: "hour", min: 0, max: 23 }) // Set { 1, 3, 5, 9 }
 */
export function parseValues(text: string, range: FieldRange): ReadonlySet<number> {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [span = "", step, ...more] = part.split("/");
    if (more.length > 0) throw bad(range, part);
    const every = step === undefined ? 1 : parseStep(step, range);
    const [from, to] = parseSpan(span, step !== undefined, range);
    if (from > to) throw bad(range, part);
    for (let value = from; value <= to; value += every) values.add(value);
  }
  return values;
}

function parseStep(text: string, range: FieldRange): number {
  const step = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (step < 1) throw bad(range, text);
  return step;
}

function parseSpan(text: string, hasStep: boolean, range: FieldRange): readonly [number, number] {
  if (text === "*") return [range.min, range.max];
  const [from = "", to, ...more] = text.split("-");
  if (more.length > 0) throw bad(range, text);
  const first = parseValue(from, range);
  // "5/10" starts at five and goes on to the end.
  if (to === undefined) return [first, hasStep ? range.max : first];
  return [first, parseValue(to, range)];
}

/**
 * Reads one number or name within the range.
 *
 * @throws ScheduleError
 */
export function parseValue(text: string, range: FieldRange): number {
  const named = range.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + range.min : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw bad(range, text);
}

/** What is wrong with a field. */
export function bad({ name, min, max }: FieldRange, text: string): ScheduleError {
  return new ScheduleError(`"${text.slice(0, 40)}" is not valid for ${name} (${min}-${max})`);
}
