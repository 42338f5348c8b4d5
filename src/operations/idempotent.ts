import { createHash } from "node:crypto";
import type { OperationName } from "../contract/contract.ts";
import { idempotency, type WriteTransaction } from "../store/store.ts";
import type { ApiError } from "../wire/wire.ts";
import type { Call } from "./call.ts";
import { conflict } from "./not-found.ts";

/**
 * Runs a creating call once per client token: the same token with the same request answers again
 * what it answered the first time, with another request it is a conflict. Answer and effect are
 * one transaction, so a client that retries after a crash gets one resource.
 *
 * Tokens are scoped to account, Region and operation; kept for 24 hours at least.
 */
export async function once<Output extends object>(
  call: Call,
  request: {
    readonly operation: OperationName;
    readonly token: string | undefined;
    /** What must be the same on a repeat; JSON values. */
    readonly input: object;
  },
  run: (trx: WriteTransaction) => Promise<Output>,
): Promise<Output> {
  const { operation, token } = request;
  if (token === undefined) return call.db.write(run);
  const key = { scope: `${call.caller.accountId}/${call.region}/${operation}`, token };
  const requestHash = requestHashOf(request.input);
  return call.db.write(async (trx) => {
    const earlier = await idempotency.find(trx, key);
    if (earlier === undefined) {
      const output = await run(trx);
      const response = JSON.stringify(output);
      await idempotency.put(trx, key, { requestHash, response, at: call.now });
      return output;
    }
    if (earlier.requestHash !== requestHash) {
      throw tokenConflict(operation, token);
    }
    return JSON.parse(earlier.response) as Output;
  });
}

/** A hash that two requests share when they say the same, in whatever order their members came. */
export function requestHashOf(request: object): string {
  const text = JSON.stringify(request, (name, value: unknown) => {
    if (name === "clientToken") return undefined;
    if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
  return createHash("sha256").update(text).digest("hex");
}

/** The answer for a token that comes back with another request. */
export function tokenConflict(operation: OperationName, token: string): ApiError {
  return conflict(
    "client-token",
    token,
    `The client token ${token} was used for another ${operation} request; use a new one.`,
  );
}
