/** How often and how patiently a request is repeated. Times in milliseconds. */
export type RetryPolicy = {
  readonly attemptsMax: number;
  readonly delayMsBase: number;
  readonly delayMsMax: number;
  /** 0 to 1; injected, so that tests wait for no chance. */
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
};

/**
 * Runs `attempt` until it succeeds, fails for good or the attempts are used up; then throws what
 * the last one threw. Waits a random part of an exponentially growing time in between ("full
 * jitter"), so that many readers of a struggling store do not come back at the same moment.
 */
export async function withRetries<Value>(
  policy: RetryPolicy,
  options: { readonly isWorthIt: (error: unknown) => boolean; readonly signal?: AbortSignal },
  attempt: () => Promise<Value>,
): Promise<Value> {
  for (let made = 1; ; made += 1) {
    try {
      options.signal?.throwIfAborted();
      return await attempt();
    } catch (error) {
      const isLast = made >= policy.attemptsMax || options.signal?.aborted === true;
      if (isLast || !options.isWorthIt(error)) throw error;
      const delayMs = Math.min(policy.delayMsMax, policy.delayMsBase * 2 ** (made - 1));
      await policy.sleep(delayMs * policy.random(), options.signal);
    }
  }
}
