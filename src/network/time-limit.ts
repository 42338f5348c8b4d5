/**
 * Waits for a promise, but not longer than the limit; then `giveUp` frees what it holds.
 *
 * @throws Error with code ETIMEDOUT.
 */
export async function within<Value>(
  limitMs: number,
  value: Promise<Value>,
  what: string,
  giveUp: () => void = () => undefined,
): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(
      Object.assign(new Error(`no answer from ${what} for ${limitMs} ms`), { code: "ETIMEDOUT" }),
    );
  }, limitMs);
  try {
    return await Promise.race([value, late]);
  } catch (error) {
    giveUp();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
