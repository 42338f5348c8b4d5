/** One line of the table of benchmarks; `ok` says whether the target is met. */
export type Row = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: string;
  readonly ok?: boolean;
  /** Resident memory of the measured process at its highest, children included. */
  readonly memoryMb?: number;
};

/** A line without a target. */
export function plainRow(name: string, value: number, unit: string): Row {
  return { name, value: rounded(value), unit };
}

/** A line whose value may not be above `max`. */
export function atMost(name: string, value: number, unit: string, max: number): Row {
  return { ...plainRow(name, value, unit), target: `<= ${max}`, ok: value <= max };
}

/** A line whose value may not be below `min`. */
export function atLeast(name: string, value: number, unit: string, min: number): Row {
  return { ...plainRow(name, value, unit), target: `>= ${min}`, ok: value >= min };
}

/** The value below which `share` of all values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Three digits that count; whole numbers stay whole. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
