/** From and to, both included; null is open. */
export type Bounds = readonly [number | null, number | null];

/** What the API reference says of the values of one member, list item, map key or map value. */
export type Limit = {
  /** Size of a whole number in bits. */
  readonly bits?: number;
  /** Characters (Unicode code points) of a text, items of a list, entries of a map. */
  readonly length?: Bounds;
  /** Values of a number. */
  readonly range?: Bounds;
  /** Regular expression for the whole text, as published. */
  readonly pattern?: string;
  /** A list holds no value twice. */
  readonly isUnique?: boolean;
};
