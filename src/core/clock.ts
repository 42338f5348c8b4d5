/** The only place that knows what time it is. Tests hand in their own. */
export type Clock = () => Date;

/** The machine's clock. */
export const systemClock: Clock = () => new Date();
