import { createHash } from "node:crypto";
import type { OperationName } from "../contract/contract.ts";
import { idempotency, type WriteTransaction } from "../store/store.ts";
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
  const requestHash = hashOf(request.input);
  return call.db.write(async (trx) => {
    const earlier = await idempotency.find(trx, key);
    if (earlier === undefined) {
      const output = await run(trx);
      const response = JSON.stringify(output);
      await idempotency.put(trx, key, { requestHash, response, at: call.now });
      return output;
    }
    if (earlier.requestHash !== requestHash) {
      throw conflict(
        "client-token",
        token,
        `The client token ${token} was used for another ${operation} request; use a new one.`,
      );
    }
    return JSON.parse(earlier.response) as Output;
  });
}

function hashOf(input: object): string {
  const text = JSON.stringify(input, (name, value: unknown) => {
    if (name === "clientToken") return undefined;
    return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
  });
  return createHash("sha256").update(text).digest("hex");
}
